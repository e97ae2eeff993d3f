/** What the engine needs of this module to run spotlights: payloads, and the row that follows each transition. */
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsNumber, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import type { spotlight } from '../../../machines/spotlight.js';
import { RECOMMENDATIONS, type Recommendation } from '../../../machines/spotlight.types.js';
import type { Payloads, Transitioned } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';

class Nothing {}

class Changed {
  @IsString() @Length(1, 200) name!: string;
  @IsString() @Length(1, 100) domain!: string;
  @IsArray() @ArrayMaxSize(20) @IsString({ each: true }) changed!: string[];
}

class ScoredBy {
  @IsInt() @Min(1) evaluationId!: number;
  @IsOptional() @IsInt() @Min(1) signalId!: number | null;
  @IsNumber() @Min(0) @Max(1) matchScore!: number;
  @IsIn(RECOMMENDATIONS) recommendation!: Recommendation;
}

export const spotlightPayloads: Payloads<typeof spotlight> = {
  'spotlight.changed': Changed,
  'spotlight.activated': Nothing,
  'spotlight.deactivated': Nothing,
  'spotlight.scored': ScoredBy,
  'spotlight.removed': Nothing,
};

/** Keeps the row in step with its instance; being asked changes nothing. */
export async function followSpotlight(tx: Tx, { instanceId, state, event, at }: Transitioned<object>): Promise<void> {
  if (event.type === 'spotlight.scored') return;
  await tx.run(
    `update workstream.spotlights
        set is_active = $2 = 'active', updated_at = to_timestamp($3::float8 / 1000), deleted_at = case when $2 = 'deleted' then to_timestamp($3::float8 / 1000) end
      where tenant = engine.tenant() and workflow_instance_id = $1`,
    [instanceId, state, at],
  );
}
