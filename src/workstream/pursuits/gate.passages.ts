/** How pursuits come through their gates: which stood before which, and which came through (R001-83). */
import { gatesBetween, type Gate } from '../../../machines/pursuit.gates.js';
import type { PursuitStage } from '../../../machines/pursuit.types.js';
import type { Tx } from '../../platform/database.js';

/** The gate that a pursuit of a stage stands before. */
const AHEAD: Partial<Record<PursuitStage, Gate>> = {
  pink: 'pink_to_red',
  red: 'red_to_submit',
  submit: 'submit_to_close',
};

/** Writes down what a move meant for the gates; the first time counts. Answers those it came through. */
export async function followGates(
  tx: Tx,
  pursuitId: number,
  { before, after, at, isForced }: { before: PursuitStage; after: PursuitStage; at: number; isForced: boolean },
): Promise<readonly Gate[]> {
  const passed = gatesBetween(before, after);
  for (const gate of passed) await tx.run(PASSED, [pursuitId, gate, at, isForced]);
  const ahead = AHEAD[after];
  if (ahead !== undefined) await tx.run(REACHED, [pursuitId, ahead, at]);
  return passed;
}

const PASSED = `
  insert into workstream.gate_passages as g (tenant, pursuit_id, gate, reached_at, passed_at, is_forced)
  values (engine.tenant(), $1, $2, to_timestamp($3::float8 / 1000), to_timestamp($3::float8 / 1000), $4)
  on conflict (tenant, pursuit_id, gate) do update set passed_at = excluded.passed_at, is_forced = excluded.is_forced where g.passed_at is null`;

const REACHED = `
  insert into workstream.gate_passages (tenant, pursuit_id, gate, reached_at) values (engine.tenant(), $1, $2, to_timestamp($3::float8 / 1000))
  on conflict do nothing`;
