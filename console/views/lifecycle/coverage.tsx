import { useGet } from '../../api/queries.js';
import type { Coverage as Lived } from '../../api/schema.js';
import { Moment } from '../../parts/moment.js';
import { Answer } from '../../parts/states.js';
import { count, eventName } from '../../parts/words.js';

/** How often each transition was really taken; those that never were come first. */
export function Coverage({ name, version }: { name: string; version: number }) {
  const coverage = useGet('/api/lifecycles/{name}/coverage', { name, version });
  return (
    <section className="card" aria-label="What is lived">
      <h2>What is lived</h2>
      <Answer of={coverage}>{(lived) => <Figures lived={lived} />}</Answer>
    </section>
  );
}

function Figures({
  lived: { instances, steps, transitions, neverTaken, tested: both, unexplained },
}: {
  lived: Lived;
}) {
  const sorted = [...transitions].sort((a, b) => a.taken - b.taken);
  return (
    <div className="stack tight">
      <p className="quiet">
        {count(steps)} steps of the newest {count(instances)} instances; {neverTaken} of {transitions.length}{' '}
        transitions were never taken.
      </p>
      {both === null ? null : (
        <p className="quiet">
          {both.both} are tested and lived, {both.tested} only tested, {both.lived} only lived, {both.neither} neither.
        </p>
      )}
      {unexplained.length === 0 ? null : (
        <details>
          <summary>{unexplained.length} kinds of steps that no transition explains</summary>
          <ul className="reasons small">
            {unexplained.map(({ kind, type, from, to, count: times }) => (
              <li key={`${kind}${type}${from ?? ''}${to}`}>
                {kind} <code>{eventName(type)}</code> {from ?? 'the beginning'} → {to}, {count(times)} times
              </li>
            ))}
          </ul>
        </details>
      )}
      <div className="table-frame">
        <table className="list">
          <thead>
            <tr>
              <th scope="col">Transition</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col" className="number">
                Taken
              </th>
              <th scope="col" className="number">
                Tested by
              </th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ id, label, source, targets, taken, tested, lastAt }) => (
              <tr key={id}>
                <td>{label}</td>
                <td data-name="From">
                  <code>{source}</code>
                </td>
                <td data-name="To">
                  <code>{targets.join(', ') || 'stays'}</code>
                </td>
                <td data-name="Taken" className="number">
                  {taken === 0 ? <span className="badge warn">never</span> : count(taken)}
                </td>
                <td data-name="Tested by" className="number">
                  {tested === null ? <span className="quiet">—</span> : `${tested} paths`}
                </td>
                <td data-name="Last" className="nowrap">
                  {lastAt === null ? <span className="quiet">—</span> : <Moment at={lastAt} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
