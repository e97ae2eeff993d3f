import { Link, useSearchParams } from 'react-router';
import { useGet } from '../../api/queries.js';
import type { ExecutionSummary } from '../../api/schema.js';
import { Status } from '../../parts/badges.js';
import { Moment } from '../../parts/moment.js';
import { NumberedPages, usePageNumber } from '../../parts/numbered.js';
import { span } from '../../parts/words.js';

const LOOK_EVERY_MS = 5_000;
const STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'];

/** Executions of workflows, newest first. */
export function Executions() {
  const [query, setQuery] = useSearchParams();
  const page = usePageNumber();
  const [status, workflowId] = [query.get('status') ?? undefined, query.get('workflowId') ?? undefined];
  const executions = useGet('/api/automation/executions', { page, status, workflowId }, { everyMs: LOOK_EVERY_MS });
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Executions</h1>
          <p className="quiet">
            {workflowId === undefined ? (
              'Of all workflows, newest first.'
            ) : (
              <>
                Of <Link to={`/workflows/${workflowId}`}>one workflow</Link>, newest first.{' '}
                <Link to="/executions">Show those of all</Link>
              </>
            )}
          </p>
        </div>
        <label className="field">
          <span className="field-name">Status</span>
          <select
            value={status ?? ''}
            onChange={({ target }) =>
              setQuery((before) => {
                const next = new URLSearchParams(before);
                next.delete('page');
                if (target.value === '') next.delete('status');
                else next.set('status', target.value);
                return next;
              })
            }
          >
            <option value="">All</option>
            {STATUSES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </div>
      <section className="card" aria-label="List of executions">
        <NumberedPages
          of={executions}
          empty={{ title: 'No executions', text: 'They appear here once a workflow is started.' }}
        >
          {(rows) => <Table rows={rows} />}
        </NumberedPages>
      </section>
    </>
  );
}

function Table({ rows }: { rows: readonly ExecutionSummary[] }) {
  return (
    <div className="table-frame">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Execution</th>
            <th scope="col">Status</th>
            <th scope="col">Steps done</th>
            <th scope="col">Now at</th>
            <th scope="col">Started</th>
            <th scope="col" className="number">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, status, completedSteps, currentStep, startedAt, duration, error }) => (
            <tr key={id}>
              <td>
                <Link className="id" to={`/executions/${id}`}>
                  {id}
                </Link>
              </td>
              <td data-name="Status">
                <span>
                  <Status of={status} /> {error === null ? null : <code className="small">{error.code}</code>}
                </span>
              </td>
              <td data-name="Steps done">{completedSteps.length}</td>
              <td data-name="Now at">{currentStep === null ? <span className="quiet">—</span> : currentStep}</td>
              <td data-name="Started" className="nowrap">
                <Moment at={startedAt} />
              </td>
              <td data-name="Took" className="number">
                {duration === null ? <span className="quiet">—</span> : span(duration / 1_000)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
