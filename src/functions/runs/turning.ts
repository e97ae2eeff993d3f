import { Injectable } from '@nestjs/common';
import type { Entry, FunctionContext, FunctionInput, Turn, Value } from '../../../machines/function.types.js';
import { named } from '../../engine/core/event.js';
import type { FactQuestion } from '../../engine/host.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Log } from '../../platform/logger.js';
import { ActionRegistry } from '../actions/action.registry.js';
import { errorOf } from '../actions/results.js';
import { withoutSecrets } from '../actions/secrets.js';
import { failureOf } from '../failure.js';
import { Library } from '../library.js';
import { replay, type Past } from '../replay.js';
import type { Line } from '../rerun.js';
import { Secrets } from '../secrets/secrets.js';
import { keyOf } from './performing.js';

/** Finds out what functions do next: the fact that their lifecycle decides on. */
@Injectable()
export class Turning {
  /** What functions say, until the turn is written down that they say it in. */
  private readonly said = new WeakMap<Tx, readonly Line[]>();

  constructor(
    private readonly library: Library,
    private readonly registry: ActionRegistry,
    private readonly secrets: Secrets,
    private readonly log: Log,
  ) {}

  /** What a function does when it is called. */
  async first(tx: Tx, at: number, executionId: string, input: Omit<FunctionInput, 'turn'>): Promise<Turn> {
    const past = { ...input, executionId, tenant: tx.tenant, log: [], calls: [], settled: 0 };
    const { turn, lines } = await this.replay(input, past, { kind: 'start', at });
    tx.afterCommit(() => this.write(lines, tx.tenant, { ...input, executionId }));
    return turn;
  }

  /** What a function does about what has come in. @throws NOT_READY when this process does not know its version */
  readonly turn = async (tx: Tx, { context, event, at, tenant }: FactQuestion<FunctionContext>): Promise<Turn> => {
    const entry = await entryOf(tx, context, named(event), at);
    const { turn, lines } = await this.replay(context, { ...context, tenant }, entry);
    this.said.set(tx, lines);
    return turn;
  };

  /** Writes to the log what was said in a turn that counts. */
  tell(tx: Tx, context: FunctionContext): void {
    const lines = this.said.get(tx) ?? [];
    if (lines.length > 0) tx.afterCommit(() => this.write(lines, tx.tenant, context));
  }

  /** What is secret in a turn is sealed before anybody keeps it. */
  private async replay(
    { module, moduleVersion }: Pick<FunctionInput, 'module' | 'moduleVersion'>,
    past: Past,
    entry: Entry,
  ): Promise<{ turn: Turn; lines: readonly Line[] }> {
    const definition = this.library.find(module, moduleVersion);
    if (!definition)
      throw refuse('NOT_READY', { detail: `The workflow ${module}@${moduleVersion} is not known here.` });
    const { byName } = this.registry;
    const { turn, lines } = await replay(definition, past, entry, {
      nameOf: (written) => byName(written)?.name,
      shown: (name, params) => withoutSecrets(byName, name, params),
    });
    return { turn: this.secrets.sealTurn(past.tenant, past.executionId, turn), lines };
  }

  private write(
    lines: readonly Line[],
    tenant: string,
    { workflow, executionId, correlationId }: Pick<FunctionContext, 'workflow' | 'executionId' | 'correlationId'>,
  ): void {
    for (const { level, message, fields } of lines) {
      const line = { message, workflow, executionId, tenant, correlationId, context: fields };
      if (level === 'error') this.log.error('workflow_says', message, line);
      else this.log[level]('workflow_says', line);
    }
  }
}

/** What has come in, as the function's log keeps it. */
async function entryOf(
  tx: Tx,
  context: FunctionContext,
  event: { type: string; [field: string]: unknown },
  at: number,
): Promise<Entry> {
  const seq = Number(event['id']);
  switch (event.type) {
    case 'action.done':
      return { kind: 'result', at, seq, output: event['output'] as Value };
    case 'action.failed': {
      const { code, message } = event['error'] as { code: string; message: string };
      const name = context.calls[seq]?.name ?? '';
      const kept = await errorOf(tx, keyOf(context.executionId, { seq, name }));
      return { kind: 'failure', at, seq, error: kept ?? { ...failureOf(new Error(message)), code } };
    }
    case 'function.event': {
      const { id } = event['caller'] as { id: string };
      const userId = id.startsWith('system:') ? ((event['userId'] as string | undefined) ?? null) : id;
      const aliases = event['aliases'] as readonly string[] | undefined;
      const named = { name: String(event['name']), ...(aliases && { aliases }) };
      return { kind: 'event', at, ...named, payload: (event['payload'] ?? null) as Value, userId };
    }
    default:
      return { kind: 'alarm', at };
  }
}
