import { Link, useParams, useSearchParams } from 'react-router';
import { useGet, usePages } from '../api/queries.js';
import type { RunEvent, RunSummary } from '../api/schema.js';
import { Status } from '../parts/badges.js';
import { AsText } from '../parts/json.js';
import { Moment } from '../parts/moment.js';
import { Pages } from '../parts/more.js';
import { Answer, Empty } from '../parts/states.js';

const LOOK_EVERY_MS = 5_000;
const STATUSES = ['active', 'completed', 'failed', 'cancelled', 'terminated'];

/** Runs of workflows that are TypeScript functions, newest first. */
export function Runs() {
  const [query, setQuery] = useSearchParams();
  const status = query.get('status') ?? undefined;
  const runs = usePages('/api/workflow-executions', { status }, LOOK_EVERY_MS);
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Function runs</h1>
          <p className="quiet">Workflows written as TypeScript functions, run again over what came in.</p>
        </div>
        <label className="field">
          <span className="field-name">Status</span>
          <select
            value={status ?? ''}
            onChange={({ target }) => setQuery(target.value === '' ? {} : { status: target.value }, { replace: true })}
          >
            <option value="">All</option>
            {STATUSES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </div>
      <section className="card" aria-label="List of runs">
        <Pages<RunSummary>
          of={runs}
          empty={<Empty title="No runs">Events and `POST /api/workflow-executions` start them.</Empty>}
        >
          {(rows) => (
            <div className="table-frame">
              <table className="list">
                <thead>
                  <tr>
                    <th scope="col">Run</th>
                    <th scope="col">Function</th>
                    <th scope="col">Status</th>
                    <th scope="col">State</th>
                    <th scope="col">Changed</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ executionId, workflowName, workflowVersion, status: each, currentState, updatedAt }) => (
                    <tr key={executionId}>
                      <td>
                        <Link className="id" to={`/runs/${executionId}`}>
                          {executionId}
                        </Link>
                      </td>
                      <td data-name="Function">
                        {workflowName} <span className="quiet">{workflowVersion}</span>
                      </td>
                      <td data-name="Status">
                        <Status of={each} />
                      </td>
                      <td data-name="State">{currentState}</td>
                      <td data-name="Changed" className="nowrap">
                        <Moment at={updatedAt} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Pages>
      </section>
    </>
  );
}

/** One run: what the function has said of itself, and what came in. */
export function Run() {
  const { id = '' } = useParams();
  const run = useGet('/api/workflow-executions/{id}', { id }, { everyMs: LOOK_EVERY_MS });
  const events = usePages('/api/workflow-executions/{id}/events', { id }, LOOK_EVERY_MS);
  return (
    <Answer of={run}>
      {({ workflowName, workflowVersion, status, currentState, startedBy, createdAt, data, error }) => (
        <>
          <div className="view-head">
            <div>
              <p className="small">
                <Link to="/runs">Function runs</Link>{' '}
                <span className="quiet">
                  {workflowName} {workflowVersion}
                </span>
              </p>
              <h1 className="id">{id}</h1>
              <p className="row">
                <span className="badge accent large">{currentState}</span>
                <Status of={status} />
                <span className="small quiet">
                  started <Moment at={createdAt} />
                  {startedBy === null ? '' : ` by ${startedBy}`}
                </span>
                <Link className="small" to={`/instances/${id}`}>
                  History, effects and timers
                </Link>
              </p>
            </div>
          </div>
          <div className="stack">
            {error === null ? null : (
              <div className="trouble">
                <AsText of={error} label="Why it failed" />
              </div>
            )}
            <div className="columns">
              <section className="card" aria-label="What came in">
                <h2>What came in</h2>
                <Pages<RunEvent> of={events} empty="Nothing has come in yet">
                  {(rows) => (
                    <ol className="timeline">
                      {rows.map((event) => (
                        <Came event={event} key={event.event_id} />
                      ))}
                    </ol>
                  )}
                </Pages>
              </section>
              <section className="card" aria-label="What it remembers">
                <h2>What it remembers</h2>
                <AsText of={data} label="Data of the run" />
              </section>
            </div>
          </div>
        </>
      )}
    </Answer>
  );
}

function Came({
  event: { sequence, event_name, event_type, from_state, to_state, user_id, payload, created_at },
}: {
  event: RunEvent;
}) {
  return (
    <li className="step accent">
      <div className="step-head">
        <span className="quiet number">{sequence}</span>
        <code className="step-type">{event_name}</code>
        <span className="badge">{event_type}</span>
        <span className="step-way">
          {from_state === null || from_state === to_state ? null : <span className="quiet">{from_state} → </span>}
          <strong>{to_state}</strong>
        </span>
      </div>
      <p className="small quiet">
        <Moment at={created_at} /> {user_id === null ? '' : `by ${user_id}`}
      </p>
      {payload === null ? null : (
        <details>
          <summary className="small">Payload</summary>
          <AsText of={payload} label={`Payload of ${sequence}`} />
        </details>
      )}
    </li>
  );
}
