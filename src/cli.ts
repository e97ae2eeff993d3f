#!/usr/bin/env node
/** The command line: looks at definitions, and proves what the database holds. */
import { writeFileSync } from 'node:fs';
import cliProgress from 'cli-progress';
import { Command } from 'commander';
import { catalogue } from '../machines/index.js';
import { mermaid } from './diagrams/mermaid.js';
import { svgDiagram } from './diagrams/svg.js';
import { lint } from './engine/core/lint.js';
import type { Lifecycle } from './engine/core/lifecycle.js';
import { xstateDriver } from './engine/core/xstate.driver.js';
import { Migrating } from './engine/migrating.js';
import { Proving, type Proof } from './engine/proving.js';
import { withApp, withDatabase } from './app.js';
import { diffVersions } from './diff.command.js';
import { explainInstance } from './explain.command.js';
import { migrateInstances, operatorOf } from './migrate.command.js';
import { reconcile } from './reconcile.command.js';

const program = new Command('statewright').description('Business lifecycles as state machines, durable in Postgres.');

program
  .command('lint')
  .argument('[lifecycle]')
  .description('check definitions; exit code 1 when a rule is broken')
  .action((name?: string) => {
    let broken = 0;
    for (const lifecycle of chosen(name)) {
      const problems = lint(lifecycle);
      broken += problems.length;
      say(`${lifecycle.name} v${lifecycle.version}: ${problems.length === 0 ? 'ok' : `${problems.length} problems`}`);
      for (const { rule, at, message } of problems) say(`  ${rule} at ${at}: ${message}`);
    }
    process.exitCode = broken > 0 ? 1 : 0;
  });

program
  .command('describe')
  .argument('<lifecycle>')
  .description('print a definition as JSON')
  .action((name: string) => say(JSON.stringify(xstateDriver(one(name)).describe(), null, 2)));

program
  .command('diagram')
  .argument('<lifecycle>')
  .option('--format <format>', 'svg or mmd', 'mmd')
  .option('--out <file>', 'write to a file instead of the terminal')
  .description('draw a definition')
  .action(async (name: string, { format, out }: { format: string; out?: string }) => {
    const description = xstateDriver(one(name)).describe();
    const text = format === 'svg' ? await svgDiagram(description) : mermaid(description);
    if (out) writeFileSync(out, text);
    else say(text);
  });

program
  .command('diff')
  .argument('<lifecycle>')
  .argument('[from]', 'the older version; else the newest retired one, or what the database has published')
  .argument('[to]', 'the newer version; else the newest of the code')
  .option('--live', 'count the running instances that it concerns', false)
  .option('--format <format>', 'text or md', 'text')
  .description(
    'what is different between two versions, and what may go wrong; `npm run review` compares with another commit',
  )
  .action(async (name: string, from: string | undefined, to: string | undefined, options: DiffOptions) => {
    const wanted = { lifecycle: one(name), from: numberOf(from), to: numberOf(to), isLive: options.live };
    const lines = await diffVersions({ ...wanted, isMarkdown: options.format === 'md' }, withDatabase);
    lines.forEach(say);
  });

program
  .command('explain')
  .argument('<instance>')
  .argument('[event]')
  .description('why an event, or each, would be taken or refused now; exit code 1 when none would be taken')
  .action((instance: string, event?: string) =>
    withApp(async (app) => {
      process.exitCode = (await explainInstance(app, instance, event, say)) ? 0 : 1;
    }),
  );

const audit = program.command('audit').description('evidence');
audit
  .command('verify')
  .argument('[tenant]')
  .argument('[instance]')
  .description('check the hash chain of one instance or of all; names the first bad row of each')
  .action((tenant?: string, instance?: string) => prove((proving, t, id) => proving.chain(t, id), tenant, instance));

program
  .command('replay')
  .argument('[tenant]')
  .argument('[instance]')
  .description('fold the history of one instance or of all through its definition and compare with what is stored')
  .action((tenant?: string, instance?: string) => prove((proving, t, id) => proving.replay(t, id), tenant, instance));

program
  .command('reconcile')
  .argument('[tenant]')
  .argument('[instance]')
  .option('--heal', 'put messages that never arrived into the inbox', false)
  .description(
    'compare what providers hold for one deal or for all with our books; exit code 1 when differences remain',
  )
  .action((tenant: string | undefined, instanceId: string | undefined, { heal }: { heal: boolean }) =>
    withApp(async (app) => {
      const remaining = await reconcile(app, { tenant, instanceId }, heal, say);
      say(remaining === 0 ? 'the providers and we agree' : `${remaining} differences remain`);
      process.exitCode = remaining > 0 ? 1 : 0;
    }),
  );

const moves = program
  .command('migrate-instances')
  .description('move running instances to the newest version of their lifecycle');
moves
  .command('plan')
  .argument('<lifecycle>')
  .argument('[tenant]')
  .description('how they would fare; nothing is moved; exit code 1 when some cannot be moved')
  .action((name: string, tenant?: string) => move(one(name).name, tenant, null, undefined));
moves
  .command('apply')
  .argument('<lifecycle>')
  .argument('[tenant]')
  .requiredOption('--reason <reason>', 'why; it is kept with each of them')
  .option('--limit <number>', 'how many at most; begin with a few')
  .description('move those that can be moved; exit code 1 when some cannot be moved')
  .action((name: string, tenant: string | undefined, { reason, limit }: { reason: string; limit?: string }) =>
    move(one(name).name, tenant, reason, limit === undefined ? undefined : Number(limit)),
  );
moves
  .command('undo')
  .argument('<tenant>')
  .argument('<instance>')
  .requiredOption('--reason <reason>', 'why; it is kept with the instance')
  .description('take the last move of an instance back, as long as nothing has happened since')
  .action((tenant: string, id: string, { reason }: { reason: string }) =>
    withApp(async (app) => say((await app.get(Migrating).undo(operatorOf(tenant), id, reason)).message)),
  );

await program
  .parseAsync()
  .catch((error: unknown) => program.error(error instanceof Error ? error.message : String(error)));

interface DiffOptions {
  live: boolean;
  format: string;
}

function numberOf(version: string | undefined): number | undefined {
  if (version === undefined) return undefined;
  return /^v?\d{1,6}$/.test(version) ? Number(version.replace('v', '')) : program.error(`${version} is not a version.`);
}

async function move(
  lifecycle: string,
  tenant: string | undefined,
  reason: string | null,
  limit: number | undefined,
): Promise<void> {
  await withApp(async (app) => {
    const left = await migrateInstances(app, { lifecycle, tenant, reason, limit }, say);
    process.exitCode = left > 0 ? 1 : 0;
  });
}

function chosen(name: string | undefined): Lifecycle[] {
  return name === undefined ? Object.values(catalogue) : [one(name)];
}

function one(name: string): Lifecycle {
  const lifecycle = catalogue[name];
  return lifecycle ?? program.error(`There is no lifecycle ${name}. There are: ${Object.keys(catalogue).join(', ')}.`);
}

/** Runs a proof over one instance or over all, with progress; exit code 1 when one fails. */
async function prove(
  proof: (proving: Proving, tenant: string, id: string) => Promise<Proof>,
  tenant?: string,
  instance?: string,
): Promise<void> {
  await withApp(async (app) => {
    const proving = app.get(Proving);
    const bad: Proof[] = [];
    if (tenant !== undefined && instance !== undefined) {
      const result = await proof(proving, tenant, instance);
      if (!result.ok) bad.push(result);
    } else {
      const bar = new cliProgress.SingleBar({
        format: '{bar} {value}/{total} instances, {bad} bad',
        stream: process.stderr,
      });
      bar.start(await proving.count(), 0, { bad: 0 });
      for await (const found of all(proving, tenant)) {
        const result = await proof(proving, found.tenant, found.id);
        if (!result.ok) bad.push(result);
        bar.increment(1, { bad: bad.length });
      }
      bar.stop();
    }
    for (const { instanceId, badSeq, reason } of bad)
      say(`${instanceId}: ${reason ?? 'not proved'}${badSeq === undefined ? '' : ` (seq ${badSeq})`}`);
    say(bad.length === 0 ? 'everything is as it was written' : `${bad.length} instances are not as they were written`);
    process.exitCode = bad.length > 0 ? 1 : 0;
  });
}

async function* all(proving: Proving, tenant: string | undefined): AsyncGenerator<{ tenant: string; id: string }> {
  const BATCH = 500;
  let after: { tenant: string; id: string } | null = null;
  for (;;) {
    const batch: { tenant: string; id: string }[] = await proving.everything(after, BATCH);
    yield* batch.filter((found) => tenant === undefined || found.tenant === tenant);
    after = batch.at(-1) ?? null;
    if (batch.length < BATCH) return;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
