/** Many commands in one request, each a decision of its own: one that is refused holds up no other (R001-28). */
import { ApiProperty } from '@nestjs/swagger';
import { ERRORS, Refused } from '../platform/errors.js';

/** Where a command has led. */
export interface BulkAnswer {
  state: string;
}

/** What became of one item. */
export class BulkOutcome {
  @ApiProperty() id!: number;
  @ApiProperty() ok!: boolean;
  /** Where it is now; null when it was refused. */
  @ApiProperty({ type: String, nullable: true }) state!: string | null;
  /** The refusal as the item alone would have got it; null otherwise. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  problem!: { code: string; status: number; detail: string; [member: string]: unknown } | null;
}

/** What became of all of them, in the order in which they were named. */
export class BulkOutcomes {
  @ApiProperty() done!: number;
  @ApiProperty() refused!: number;
  @ApiProperty({ type: () => [BulkOutcome] }) results!: BulkOutcome[];
}

/** Does it to each. Faults are no refusals: they end the request. */
export async function eachOf(ids: readonly number[], work: (id: number) => Promise<BulkAnswer>): Promise<BulkOutcomes> {
  const results: BulkOutcome[] = [];
  for (const id of ids) {
    try {
      results.push({ id, ok: true, problem: null, ...(await work(id)) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { code, message, data } = error;
      results.push({
        id,
        ok: false,
        state: null,
        problem: { ...data.members, code, status: ERRORS[code].status, detail: message },
      });
    }
  }
  const done = results.filter(({ ok }) => ok).length;
  return { done, refused: results.length - done, results };
}
