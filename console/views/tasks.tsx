import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { get } from '../api/client.js';
import type { TaskRow } from '../api/schema.js';
import { Status } from '../parts/badges.js';
import { isAllowed, OVERSEERS, useMe } from '../parts/me.js';
import { Moment } from '../parts/moment.js';
import { Answer, Empty } from '../parts/states.js';

const LOOK_EVERY_MS = 5_000;
const PAGE = 20;
const LISTS = [
  ['pending,claimed', 'Open'],
  ['completed', 'Completed'],
  ['canceled,expired', 'Over'],
] as const;

/** What one has to do: one's own, and that of one's roles; what is due first at the top. */
export function Tasks() {
  const me = useMe();
  const [query, setQuery] = useSearchParams();
  const status = query.get('status') ?? 'pending,claimed';
  const scope = query.get('scope') ?? 'mine';
  const page = Number(query.get('page') ?? 1);
  const asked = { status, scope, page, limit: PAGE };
  const tasks = useQuery({
    queryKey: ['tasks', asked],
    queryFn: ({ signal }) => get('/api/tasks', asked, signal),
    refetchInterval: LOOK_EVERY_MS,
    placeholderData: keepPreviousData,
  });
  const choose = (name: string, value: string) =>
    setQuery((before) => {
      const next = new URLSearchParams(before);
      next.set(name, value);
      if (name !== 'page') next.delete('page');
      return next;
    });
  return (
    <>
      <div className="view-head">
        <h1>{scope === 'all' ? 'All tasks' : 'My tasks'}</h1>
        <div className="row">
          {isAllowed(me, OVERSEERS) ? (
            <label className="check small">
              <input
                type="checkbox"
                checked={scope === 'all'}
                onChange={({ target }) => choose('scope', target.checked ? 'all' : 'mine')}
              />
              Everybody’s
            </label>
          ) : null}
          <div className="segments" role="group" aria-label="Which tasks">
            {LISTS.map(([value, name]) => (
              <button key={value} type="button" aria-pressed={status === value} onClick={() => choose('status', value)}>
                {name}
              </button>
            ))}
          </div>
        </div>
      </div>
      <section className="card" aria-label="List of tasks">
        <Answer of={tasks}>
          {({ data, total, hasMore }) =>
            data.length === 0 ? (
              <Empty title="Nothing to do">Tasks for you and your roles appear here.</Empty>
            ) : (
              <>
                <Table rows={data} />
                <div className="pager row">
                  <button
                    type="button"
                    className="button"
                    disabled={page === 1}
                    onClick={() => choose('page', String(page - 1))}
                  >
                    Back
                  </button>
                  <span className="small quiet">
                    page {page}, {total} in all
                  </span>
                  <button
                    type="button"
                    className="button"
                    disabled={!hasMore}
                    onClick={() => choose('page', String(page + 1))}
                  >
                    Next
                  </button>
                </div>
              </>
            )
          }
        </Answer>
      </section>
    </>
  );
}

function Table({ rows }: { rows: readonly TaskRow[] }) {
  return (
    <div className="table-frame">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col">Status</th>
            <th scope="col">Priority</th>
            <th scope="col">Due</th>
            <th scope="col">For</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((task) => (
            <tr key={task.task_id}>
              <td>
                <Link to={`/tasks/${task.task_id}`}>{task.title}</Link>
              </td>
              <td data-name="Status">
                <span>
                  <Status of={task.status} />{' '}
                  {task.claimed_by === null ? null : <span className="quiet">by {task.claimed_by}</span>}
                </span>
              </td>
              <td data-name="Priority">
                <Status of={task.priority} />
              </td>
              <td data-name="Due" className="nowrap">
                <span>
                  <Moment at={task.due_date} /> {task.is_overdue ? <span className="badge bad">overdue</span> : null}
                </span>
              </td>
              <td data-name="For">{[...task.assigned_users, ...task.assigned_roles].join(', ') || 'administrators'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
