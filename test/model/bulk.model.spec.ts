import { bulk, type BulkContext } from '../../machines/bulk.js';
import type { LiveService } from '../support/live.js';
import { coverEveryTransition, refuseEverythingElse, type Realisation } from '../support/model.js';

const at = Date.UTC(2026, 0, 5, 12);
const stamped = (cases: object[]) => cases.map((fields) => ({ at, facts: {}, ...fields }));
const CHUNK = 100;

const exploration = {
  input: { instanceId: 'wf_model', tenant: 'demo', at, task: 'signals.import', params: {}, total: 1 },
  cases: {
    'xstate.done.actor.chunk': stamped([
      { output: { after: '100', processed: 100, failed: 0 } },
      { output: { after: null, processed: 1, failed: 0 } },
    ]),
    'xstate.error.actor.chunk': stamped([{ error: { name: 'Error', message: 'no' } }]),
    'bulk.cancel': stamped([{}]),
  },
  facets: () => null,
};

/** Files of signals: what is left of the file decides how a chunk ends. */
const realisation: Realisation = {
  async start(live: LiveService) {
    const { body } = await live.call('POST', '/api/signals/import', { csv: 'snippet\nx\n' });
    const { rows } = await live.owner.query<{ id: string }>(
      'select workflow_instance_id as id from workstream.signal_imports where import_id = $1',
      [body['import_id']],
    );
    return String(rows[0]?.id);
  },
  outcome: {
    async chunk(event, { id, context }, live) {
      const from = Number((context as unknown as BulkContext).after ?? 0);
      const { after } = (event['output'] ?? {}) as { after?: string | null };
      const total = after === null ? from + 1 : from + CHUNK + 1;
      await live.owner.query(
        `update workstream.signal_imports set total = $2, processed = $3 where workflow_instance_id = $1`,
        [id, total, from],
      );
      await live.owner.query(
        `delete from workstream.signal_import_rows where import_id = (select import_id from workstream.signal_imports where workflow_instance_id = $1)`,
        [id],
      );
      // Rows that are gone are those of a file that cannot be taken in.
      if ('output' in event)
        await live.owner.query(
          `insert into workstream.signal_import_rows (tenant, import_id, n, line, body)
           select tenant, import_id, n, n + 1, jsonb_build_object('source_type', 'note', 'problem_phrase', 'row ' || n)
             from workstream.signal_imports, generate_series($2::int + 1, $3::int) n where workflow_instance_id = $1`,
          [id, from, total],
        );
    },
  },
};

coverEveryTransition(bulk, [{ exploration, realisation }]);
refuseEverythingElse(bulk, exploration, realisation);
