import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.js';
import type { InstanceAnswer } from '../../api/schema.js';
import { Moment } from '../../parts/moment.js';
import { Answer, Empty } from '../../parts/states.js';
import { eventName, fullTime } from '../../parts/words.js';

/** Deadlines: what is armed, and what has fired. */
export function Timers({ instance: { id, revision } }: { instance: InstanceAnswer }) {
  const timers = useQuery({
    queryKey: ['instance', id, 'timers', revision],
    queryFn: ({ signal }) => get('/api/instances/{id}/timers', { id }, signal),
    placeholderData: (before) => before,
  });
  return (
    <Answer of={timers}>
      {({ data }) =>
        data.length === 0 ? (
          <Empty title="No timers">No deadline has been set, or it was taken back.</Empty>
        ) : (
          <div className="table-frame">
            <table className="list">
              <thead>
                <tr>
                  <th scope="col">Timer</th>
                  <th scope="col">Due</th>
                  <th scope="col">Fired</th>
                </tr>
              </thead>
              <tbody>
                {data.map(({ timer_id, generation, due_at, fired_at }) => (
                  <tr key={`${timer_id}${generation}`}>
                    <td>
                      <code>{eventName(timer_id)}</code>
                    </td>
                    <td data-name="Due">
                      <Moment at={due_at} /> <span className="quiet">{fullTime(due_at)}</span>
                    </td>
                    <td data-name="Fired">
                      {fired_at === null ? <span className="badge warn">armed</span> : <Moment at={fired_at} />}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Answer>
  );
}
