import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { send } from '../../api/client.js';
import type { MigrationReport } from '../../api/schema.js';
import { ReasonDialog } from '../../parts/reason.js';
import { Trouble } from '../../parts/states.js';
import { count } from '../../parts/words.js';

const CANARY = 5;
const MOST_AT_ONCE = 1_000;
const TONES: Readonly<Record<string, string>> = { auto: 'good', 'needs-mapping': 'warn', blocked: 'bad' };

/** Moves instances of older versions to the newest: first how they would fare, then a few, then the others. */
export function Migration({ lifecycle }: { lifecycle: string }) {
  const [report, setReport] = useState<MigrationReport>();
  const [many, setMany] = useState<number>();
  const planning = useMutation({
    mutationFn: () => send('POST /admin/migrations/plan', {}, { lifecycle, limit: MOST_AT_ONCE }),
    onSuccess: setReport,
  });
  const movable = report?.groups.filter(({ verdict }) => verdict === 'auto').length ?? 0;
  return (
    <section className="card" aria-label="Migration">
      <div className="card-head">
        <h2>Instances on older versions</h2>
        <button type="button" className="button" disabled={planning.isPending} onClick={() => planning.mutate()}>
          {planning.isPending ? 'Looking…' : 'Dry run'}
        </button>
      </div>
      {planning.isError ? <Trouble error={planning.error} /> : null}
      {report === undefined ? (
        <p className="quiet">A dry run says how each would fare on the newest version. Nothing is moved.</p>
      ) : (
        <div className="stack" role="status">
          <Fared report={report} />
          {report.remaining > 0 && movable > 0 ? (
            <div className="row">
              <button type="button" className="button primary" onClick={() => setMany(CANARY)}>
                Move {CANARY} first
              </button>
              <button type="button" className="button" onClick={() => setMany(MOST_AT_ONCE)}>
                Move up to {count(MOST_AT_ONCE)}
              </button>
            </div>
          ) : null}
        </div>
      )}
      {many === undefined ? null : (
        <ReasonDialog
          title={`Move up to ${count(many)} to version ${report?.to ?? ''}`}
          action="Move them"
          work={async (reason) =>
            setReport(await send('POST /admin/migrations/apply', {}, { lifecycle, limit: many, reason }))
          }
          onClose={() => setMany(undefined)}
        >
          <p className="quiet">
            Only those that can be moved by themselves. Each move is a row of the instance’s history and can be taken
            back on its page as long as nothing has happened since.
          </p>
        </ReasonDialog>
      )}
    </section>
  );
}

function Fared({ report: { to, examined, moved, remaining, groups } }: { report: MigrationReport }) {
  if (examined === 0 && remaining === 0) return <p>All running instances live on version {to}, the newest.</p>;
  return (
    <>
      <p>
        {count(examined)} looked at, {count(moved)} moved to version {to}; {count(remaining)} live on older versions.
      </p>
      <div className="table-frame">
        <table className="list">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Verdict</th>
              <th scope="col">Becomes</th>
              <th scope="col" className="number">
                Instances
              </th>
              <th scope="col">For example</th>
            </tr>
          </thead>
          <tbody>
            {groups.map(({ version, state, verdict, reason, becomes, count: many, examples }) => (
              <tr key={`${version}${state}${verdict}${reason ?? ''}${becomes ?? ''}`}>
                <td>
                  {state} <span className="quiet">v{version}</span>
                </td>
                <td data-name="Verdict">
                  <span>
                    <span className={`badge ${TONES[verdict] ?? ''}`}>{verdict}</span>{' '}
                    <span className="small quiet">{reason}</span>
                  </span>
                </td>
                <td data-name="Becomes">{becomes ?? '—'}</td>
                <td data-name="Instances" className="number">
                  {count(many)}
                </td>
                <td data-name="For example">
                  <span>
                    {examples.slice(0, 3).map((id) => (
                      <Link className="id" key={id} to={`/instances/${id}?part=version`}>
                        {id}
                      </Link>
                    ))}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
