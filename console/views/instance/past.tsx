import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { get } from '../../api/client.js';
import type { ChangesAnswer, InstanceAnswer, PastInstance } from '../../api/schema.js';
import { State, Status } from '../../parts/badges.js';
import { AsText } from '../../parts/json.js';
import { Answer } from '../../parts/states.js';
import { eventName, fullTime } from '../../parts/words.js';

/** The instance as it was after any of its steps, and what is different now. */
export function Past({ instance: { id, revision } }: { instance: InstanceAnswer }) {
  const [chosen, setChosen] = useState<number>();
  const at = Math.min(chosen ?? revision, revision);
  const asked = useDeferredValue(at);
  const past = useQuery({
    queryKey: ['instance', id, 'as-of', asked],
    queryFn: ({ signal }) => get('/api/instances/{id}/as-of', { id, revision: asked }, signal),
    placeholderData: keepPreviousData,
    // What is past does not change.
    staleTime: Infinity,
  });
  const changes = useQuery({
    queryKey: ['instance', id, 'changes', asked, revision],
    queryFn: ({ signal }) => get('/api/instances/{id}/changes', { id, since: asked }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="stack">
      <div className="row slider">
        <button type="button" className="button" disabled={at <= 1} onClick={() => setChosen(at - 1)}>
          Earlier
        </button>
        <label className="field grow">
          <span className="field-name">
            Revision {at} of {revision}
          </span>
          <input
            type="range"
            min={1}
            max={revision}
            value={at}
            onChange={({ target }) => setChosen(Number(target.value))}
          />
        </label>
        <button type="button" className="button" disabled={at >= revision} onClick={() => setChosen(at + 1)}>
          Later
        </button>
      </div>
      <div className="columns">
        <Answer of={past}>{(was) => <Was past={was} />}</Answer>
        <Answer of={changes}>{(since) => <Since changes={since} />}</Answer>
      </div>
    </div>
  );
}

function Was({
  past: { state, phase, status, tags, revision, version, at, context, isLatest },
}: {
  past: PastInstance;
}) {
  return (
    <section className="stack tight" aria-label="As it was">
      <h3>{isLatest ? 'As it is' : `As it was at revision ${revision}`}</h3>
      <p className="row">
        <span className="badge accent large">
          <State state={state} phase={phase} />
        </span>
        <Status of={status} />
        {tags.map((tag) => (
          <span className="badge" key={tag}>
            {tag}
          </span>
        ))}
        <span className="small quiet">
          {fullTime(at)}, version {version}
        </span>
      </p>
      <AsText of={context} label={`Context at revision ${revision}`} />
    </section>
  );
}

function Since({ changes: { since, now, steps, context } }: { changes: ChangesAnswer }) {
  return (
    <section className="stack tight" aria-label="What has changed since">
      <h3>What has changed since</h3>
      {steps.length === 0 ? (
        <p className="quiet">Nothing: this is how it is now.</p>
      ) : (
        <p>
          <strong>{since.phase === null ? since.state : `${since.state}.${since.phase}`}</strong> →{' '}
          <strong>{now.phase === null ? now.state : `${now.state}.${now.phase}`}</strong> in {steps.length}{' '}
          {steps.length === 1 ? 'step' : 'steps'}:{' '}
          {steps.map(({ seq, type }) => (
            <code className="chip" key={seq}>
              {seq} {eventName(type)}
            </code>
          ))}
        </p>
      )}
      {context.length === 0 ? null : (
        <div className="table-frame">
          <table className="list">
            <thead>
              <tr>
                <th scope="col">What it remembers</th>
                <th scope="col">Then</th>
                <th scope="col">Now</th>
              </tr>
            </thead>
            <tbody>
              {context.map(({ path, before, after }) => (
                <tr key={path}>
                  <td>
                    <code>{path}</code>
                  </td>
                  <td data-name="Then">
                    <Value of={before} />
                  </td>
                  <td data-name="Now">
                    <Value of={after} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Value({ of }: { of: unknown }) {
  return of === undefined || of === null ? (
    <span className="quiet">nothing</span>
  ) : (
    <code className="value">{typeof of === 'string' ? of : JSON.stringify(of)}</code>
  );
}
