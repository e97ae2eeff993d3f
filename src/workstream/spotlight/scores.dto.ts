import { IsInt, IsObject, IsOptional, IsString, Length, Max, Min, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { IsDecimal, MayBeAbsent } from '../../platform/validation.js';
import { OrgId } from '../workstream.dto.js';

/** A score set by hand. */
export class Override {
  @IsDecimal(2) @Min(0) @Max(1_000_000) total!: number;
  /** Why the arithmetic is not trusted. */
  @IsString() @Length(1, 500) reason!: string;
}

export class Rescore {
  @OrgId() org_id?: string;
  /** One spotlight; every active one when left out. */
  @MayBeAbsent() @IsInt() @Min(1) spotlight_id?: number;
  /** Sets the score by hand; needs `spotlight_id`. Without it the score is worked out again, an earlier override included. */
  @IsOptional() @IsObject() @ValidateNested() @Type(() => Override) override?: Override | null;
}

export class ScoredComponent {
  name!: string;
  score!: number;
  weight!: number;
  /** `+12 industry match: 1 of 1 fields`. */
  explanation!: string;
}

export class ScoreView {
  spotlight_id!: number;
  /** Σ score × weight, or what was set by hand. */
  total!: number;
  /** Share of the fields of which something was known. */
  confidence!: number;
  /** Version of the arithmetic. */
  algorithm!: string;
  components!: ScoredComponent[];
  is_manual!: boolean;
  reason!: string | null;
  scored_at!: Date;
  scored_by!: string;
}

export class ItemScores {
  item_type!: 'signal' | 'candidate';
  item_id!: number;
  /** As they are now, the best first. */
  scores!: ScoreView[];
  /** The last twenty, newest first. */
  history!: ScoreView[];
}
