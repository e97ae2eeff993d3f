import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import { get } from '../api/client.js';
import { usePages } from '../api/queries.js';
import type { AuditEntry } from '../api/schema.js';
import { Pages } from '../parts/more.js';
import { Empty, Trouble } from '../parts/states.js';
import { Moment } from '../parts/moment.js';

/** What administrators did, and proof that no history was rewritten. */
export function Audit() {
  const entries = usePages('/admin/audit');
  const verifying = useMutation({ mutationFn: () => get('/admin/audit/checkpoints/verify') });
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Audit</h1>
          <p className="quiet">Every use of an administrator’s power, with who and why.</p>
        </div>
        <button type="button" className="button" disabled={verifying.isPending} onClick={() => verifying.mutate()}>
          {verifying.isPending ? 'Computing…' : 'Verify all histories'}
        </button>
      </div>
      <div className="stack">
        <div role="status">
          {verifying.data ? (
            <p className={verifying.data.ok ? 'done' : 'trouble'}>
              {verifying.data.ok
                ? `All ${verifying.data.checkpoints} checkpoints come out: nothing was rewritten.`
                : `Checkpoint ${verifying.data.badNumber ?? '?'} does not come out: ${verifying.data.reason ?? ''}`}
            </p>
          ) : null}
        </div>
        {verifying.isError ? <Trouble error={verifying.error} /> : null}
        <section className="card" aria-label="List of deeds">
          <Pages<AuditEntry>
            of={entries}
            empty={<Empty title="Nothing yet">Forces, pauses, replays and settings would be listed here.</Empty>}
          >
            {(rows) => (
              <div className="table-frame">
                <table className="list">
                  <thead>
                    <tr>
                      <th scope="col">When</th>
                      <th scope="col">Who</th>
                      <th scope="col">What</th>
                      <th scope="col">To what</th>
                      <th scope="col">Why</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map(({ id, at, actor, action, target, reason }) => (
                      <tr key={id}>
                        <td data-name="When" className="nowrap">
                          <Moment at={at} />
                        </td>
                        <td data-name="Who">{actor}</td>
                        <td data-name="What">
                          <code>{action}</code>
                        </td>
                        <td data-name="To what">
                          {target.startsWith('wf_') ? (
                            <Link className="id" to={`/instances/${target}`}>
                              {target}
                            </Link>
                          ) : (
                            target
                          )}
                        </td>
                        <td data-name="Why">{reason}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Pages>
        </section>
      </div>
    </>
  );
}
