import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { send } from '../../api/client.js';
import { useGet } from '../../api/queries.js';
import type { WorkflowView } from '../../api/schema.js';
import { AsText } from '../../parts/json.js';
import { isAllowed, useMe } from '../../parts/me.js';
import { Moment } from '../../parts/moment.js';
import { NumberedPages, usePageNumber } from '../../parts/numbered.js';
import { Answer, Trouble } from '../../parts/states.js';
import { count } from '../../parts/words.js';
import { AUTOMATION_WRITERS } from './roles.js';

const LOOK_EVERY_MS = 10_000;

/** The tenant's workflows in JSON: whether they run, how often, and when last. */
export function Workflows() {
  const page = usePageNumber();
  const workflows = useGet('/api/automation/workflows', { page }, { everyMs: LOOK_EVERY_MS });
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Workflows</h1>
          <p className="quiet">Workflows written as JSON. Patterns and schedules start them, or somebody does.</p>
        </div>
        <Link className="button low" to="/executions">
          All executions
        </Link>
      </div>
      <section className="card" aria-label="List of workflows">
        <NumberedPages
          of={workflows}
          empty={{ title: 'No workflows yet', text: 'POST /api/automation/workflows makes the first one.' }}
        >
          {(rows) => (
            <div className="table-frame">
              <table className="list">
                <thead>
                  <tr>
                    <th scope="col">Workflow</th>
                    <th scope="col">Runs</th>
                    <th scope="col">Steps</th>
                    <th scope="col" className="number">
                      Executions
                    </th>
                    <th scope="col">Last</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ id, name, version, enabled, steps, executionCount, lastExecuted }) => (
                    <tr key={id}>
                      <td>
                        <Link to={`/workflows/${id}`}>{name}</Link> <span className="quiet">v{version}</span>
                      </td>
                      <td data-name="Runs">
                        <span className={enabled ? 'badge good' : 'badge'}>{enabled ? 'enabled' : 'disabled'}</span>
                      </td>
                      <td data-name="Steps">{steps.length}</td>
                      <td data-name="Executions" className="number">
                        {count(executionCount)}
                      </td>
                      <td data-name="Last" className="nowrap">
                        {lastExecuted === null ? <span className="quiet">never</span> : <Moment at={lastExecuted} />}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </NumberedPages>
      </section>
    </>
  );
}

/** One workflow: its steps, and what starts it. */
export function Workflow() {
  const { id = '' } = useParams();
  const workflow = useGet('/api/automation/workflows/{id}', { id });
  return <Answer of={workflow}>{({ data }) => <Known workflow={data} />}</Answer>;
}

function Known({ workflow }: { workflow: WorkflowView }) {
  const { id, name, description, version, enabled, steps, startStep, config, triggers, tags } = workflow;
  const me = useMe();
  const go = useNavigate();
  const starting = useMutation({
    mutationFn: () => send('POST /api/automation/workflows/{id}/execute', { id }, { input: {} }),
    onSuccess: ({ data }) => void go(`/executions/${data.executionId}`),
  });
  return (
    <>
      <div className="view-head">
        <div>
          <p className="small">
            <Link to="/workflows">Workflows</Link> <span className="quiet">v{version}</span>
          </p>
          <h1>{name}</h1>
          <p className="row">
            <span className={enabled ? 'badge good' : 'badge'}>{enabled ? 'enabled' : 'disabled'}</span>
            {tags.map((tag) => (
              <span className="badge" key={tag}>
                {tag}
              </span>
            ))}
          </p>
        </div>
        <div className="row">
          <Link className="button low" to={`/executions?workflowId=${id}`}>
            Its executions
          </Link>
          {isAllowed(me, AUTOMATION_WRITERS) ? (
            <button
              type="button"
              className="button"
              disabled={!enabled || starting.isPending}
              onClick={() => starting.mutate()}
            >
              Start it without input
            </button>
          ) : null}
        </div>
      </div>
      <div className="stack">
        {starting.isError ? <Trouble error={starting.error} /> : null}
        {description === null || description === '' ? null : <p>{description}</p>}
        <section className="card" aria-label="Steps">
          <h2>Steps</h2>
          <ol className="timeline">
            {steps.map((step, index) => (
              <Step step={step} isFirst={step['id'] === startStep} key={index} />
            ))}
          </ol>
        </section>
        <section className="card" aria-label="What starts it, and how it runs">
          <h2>What starts it, and how it runs</h2>
          {triggers.length === 0 ? <p className="quiet">No schedule; patterns may start it, or somebody.</p> : null}
          <AsText of={{ triggers, config }} label="Triggers and settings" />
        </section>
      </div>
    </>
  );
}

function Step({ step, isFirst }: { step: Record<string, unknown>; isFirst: boolean }) {
  const { id, type, name } = step;
  return (
    <li className="step accent">
      <div className="step-head">
        <code className="step-type">{String(id)}</code>
        <span className="badge">{String(type)}</span>
        {typeof name === 'string' ? <span>{name}</span> : null}
        {isFirst ? <span className="badge good">first</span> : null}
      </div>
      <details>
        <summary className="small">As written</summary>
        <AsText of={step} label={`Step ${String(id)}`} />
      </details>
    </li>
  );
}
