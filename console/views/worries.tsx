import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { get } from '../api/client.js';
import { Answer, Empty } from '../parts/states.js';
import { Moment } from '../parts/moment.js';

const SHOWN = 8;
const CENTS = 100;
const LOOK_EVERY_MS = 10_000;

/** Timers and effects that should have happened by now. */
export function Stuck() {
  const stuck = useQuery({
    queryKey: ['stuck'],
    queryFn: ({ signal }) => get('/admin/stuck', {}, signal),
    refetchInterval: LOOK_EVERY_MS,
  });
  return (
    <section className="card" aria-label="Stuck">
      <h2>Stuck</h2>
      <Answer of={stuck}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="Nothing is stuck">Timers and effects are on time.</Empty>
          ) : (
            <ul className="lines">
              {data.slice(0, SHOWN).map((row) => (
                <li key={`${row.instance_id}${row.name}${row.due_at}`}>
                  <span className="badge warn">{row.what}</span>
                  <Link to={`/instances/${row.instance_id}`}>{row.name}</Link>
                  <span className="quiet small">
                    due <Moment at={row.due_at} />, {row.attempts} {row.attempts === 1 ? 'attempt' : 'attempts'}
                  </span>
                </li>
              ))}
              {data.length > SHOWN ? <li className="quiet">and {data.length - SHOWN} more</li> : null}
            </ul>
          )
        }
      </Answer>
    </section>
  );
}

/** What went wrong with deals beside their lifecycle: disputes of payments. */
export function Incidents() {
  const incidents = useQuery({
    queryKey: ['incidents'],
    queryFn: ({ signal }) => get('/admin/incidents', { limit: SHOWN }, signal),
    refetchInterval: LOOK_EVERY_MS,
  });
  return (
    <section className="card" aria-label="Incidents">
      <h2>Incidents</h2>
      <Answer of={incidents}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No incidents">Payments that are disputed would be listed here.</Empty>
          ) : (
            <ul className="lines">
              {data.map((row) => (
                <li key={row.id}>
                  <span className={row.status === 'open' ? 'badge bad' : 'badge'}>{row.status}</span>
                  <Link to={`/instances/${row.instance_id}`}>
                    {row.kind} {row.provider_id}
                  </Link>
                  <span className="quiet small">
                    {(row.amount_minor / CENTS).toLocaleString(undefined, { style: 'currency', currency: 'USD' })},{' '}
                    <Moment at={row.opened_at} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </section>
  );
}
