import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearchParams } from 'react-router';
import { get } from '../api/client.js';
import type { TodayItem } from '../api/schema.js';
import { Answer, Empty, Trouble } from '../parts/states.js';
import { Moment } from '../parts/moment.js';

const TONES = { red: 'bad', amber: 'warn', green: 'good' } as const;
const LOOK_EVERY_MS = 10_000;

/** Open candidates and pursuits of the pipeline, what matters most first. */
export function Today() {
  const [query, setQuery] = useSearchParams();
  const page = Number(query.get('page') ?? 1);
  const today = useQuery({
    queryKey: ['today', page],
    queryFn: ({ signal }) => get('/api/workstream/today', { page }, signal),
    refetchInterval: LOOK_EVERY_MS,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Today</h1>
          <p className="quiet">Open candidates and pursuits, what matters most first.</p>
        </div>
      </div>
      <section className="card" aria-label="What to do today">
        <Answer of={today}>
          {({ data, pagination: { total, limit } }) =>
            data.length === 0 ? (
              <Empty title="Nothing is open">Candidates and pursuits appear here until they are won or lost.</Empty>
            ) : (
              <>
                <Table rows={data} />
                <div className="pager row">
                  <button
                    type="button"
                    className="button"
                    disabled={page === 1}
                    onClick={() => setQuery({ page: String(page - 1) })}
                  >
                    Back
                  </button>
                  <span className="small quiet">{total} in all</span>
                  <button
                    type="button"
                    className="button"
                    disabled={page * limit >= total}
                    onClick={() => setQuery({ page: String(page + 1) })}
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

function Table({ rows }: { rows: readonly TodayItem[] }) {
  const go = useNavigate();
  const opening = useMutation({
    mutationFn: ({ item_type, item_id }: TodayItem): Promise<{ workflow_instance_id: string }> =>
      item_type === 'candidate'
        ? get('/api/candidates/{candidate_id}', { candidate_id: item_id })
        : get('/api/pursuits/{pursuit_id}', { pursuit_id: item_id }),
    onSuccess: ({ workflow_instance_id }) => void go(`/instances/${workflow_instance_id}`),
  });
  return (
    <div className="table-frame">
      {opening.isError ? <Trouble error={opening.error} /> : null}
      <table className="list">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Status</th>
            <th scope="col">Promise</th>
            <th scope="col">Owner</th>
            <th scope="col">Touched</th>
            <th scope="col" className="number">
              Score
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((item) => (
            <tr key={`${item.item_type}${item.item_id}`}>
              <td>
                <span>
                  <span className={`badge ${TONES[item.badge]}`}>{item.badge}</span>{' '}
                  <button type="button" className="link" onClick={() => opening.mutate(item)}>
                    {item.label}
                  </button>{' '}
                  <span className="small quiet">
                    {item.item_type} {item.item_id}
                  </span>
                </span>
              </td>
              <td data-name="Status">{item.status}</td>
              <td data-name="Promise">
                {item.sla_metric === null ? (
                  item.due_date === null ? (
                    '—'
                  ) : (
                    `due ${item.due_date}`
                  )
                ) : (
                  <span className="badge bad">{item.sla_metric}</span>
                )}
              </td>
              <td data-name="Owner">{item.owner_user_id ?? '—'}</td>
              <td data-name="Touched" className="nowrap">
                {item.last_touch_at === null ? '—' : <Moment at={item.last_touch_at} />}
              </td>
              <td data-name="Score" className="number">
                <span>
                  {item.priority_score} <span className="quiet">{item.priority_tier}</span>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
