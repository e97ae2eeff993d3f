import type { INestApplicationContext } from '@nestjs/common';
import type { Explanation, GuardTree } from './engine/core/driver.js';
import { Reading } from './engine/reading.js';
import { Database } from './platform/database.js';
import { operatorOf } from './migrate.command.js';

/** Tells for one event, or for each, why it would be taken or refused now. Answers whether one of them would be taken. */
export async function explainInstance(
  app: INestApplicationContext,
  id: string,
  event: string | undefined,
  say: (line: string) => void,
): Promise<boolean> {
  const [owner] = await app
    .get(Database)
    .system((tx) => tx.query<{ tenant: string }>('select tenant from engine.instances where id = $1', [id]));
  if (!owner) throw new Error(`There is no instance ${id}.`);
  const reading = app.get(Reading);
  const caller = operatorOf(owner.tenant);
  const { lifecycle, version, state, phase, status, revision } = await reading.read(caller, id);
  const place = [state, phase].filter(Boolean).join('.');
  say(`${id}: ${lifecycle} v${version} of ${owner.tenant}, ${status} in ${place}, revision ${revision}`);
  const explanations = await reading.explain(caller, id, event);
  for (const explanation of explanations) for (const line of explanationText(explanation)) say(line);
  return explanations.some(isPossible);
}

/** The state takes it from somebody; who asks at the command line is nobody in particular. */
const isPossible = ({ verdict }: Explanation): boolean => verdict === 'ALLOWED' || verdict === 'SENDER_REFUSED';

/** An explanation in lines: the verdict, each candidate with its guard tree, who may send it, what is missing and who can clear it. */
export function explanationText(explanation: Explanation): string[] {
  const { event, verdict, candidates, senders, missing, clearedBy } = explanation;
  const said = isPossible(explanation) ? 'possible' : verdict.toLowerCase().replaceAll('_', ' ');
  return [
    `  ${event}: ${said}${senders.length > 0 ? `, from ${senders.join(', ')}` : ''}`,
    ...candidates.flatMap(({ source, target, label, guard, taken }) => [
      `    ${taken ? '→' : ' '} ${source || 'anywhere'} → ${target.join(', ') || 'stays'}${label === undefined || label === event ? '' : ` (${label})`}`,
      ...(guard.op === 'none' ? [] : guardLines(guard, '        ')),
    ]),
    ...(missing.length > 0 ? [`      missing: ${missing.join(', ')}`] : []),
    ...(clearedBy.length > 0 ? [`      cleared by: ${clearedBy.join(', ')}`] : []),
  ];
}

function guardLines({ op, name, ok, reason, error, children = [] }: GuardTree, indent: string): string[] {
  const why = error ?? reason?.message ?? reason?.code;
  return [
    `${indent}${ok === null ? '?' : ok ? '✓' : '✗'} ${name ?? op}${ok || why === undefined ? '' : `: ${why}`}`,
    ...children.flatMap((child) => guardLines(child, `${indent}  `)),
  ];
}
