import { useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { useDescription, useLifecycles } from '../api/queries.js';
import type { LifecycleAnswer } from '../api/schema.js';
import { Diagram } from '../parts/diagram.js';
import { isAllowed, OVERSEERS, useMe } from '../parts/me.js';
import { Answer } from '../parts/states.js';
import { Coverage } from './lifecycle/coverage.js';
import { Migration } from './lifecycle/migration.js';

/** Every lifecycle that is hosted here. */
export function Lifecycles() {
  const lifecycles = useLifecycles();
  return (
    <>
      <div className="view-head">
        <h1>Definitions</h1>
      </div>
      <Answer of={lifecycles}>
        {({ data }) => (
          <ul className="columns">
            {data.map(({ name, title, version, states }) => (
              <li className="card" key={name}>
                <h2>
                  <Link to={`/lifecycles/${name}`}>{title}</Link>
                </h2>
                <p className="small quiet">
                  <code>{name}</code> v{version}
                </p>
                <p className="small">
                  {states.map((state) => (
                    <span className="chip" key={state}>
                      {state}
                    </span>
                  ))}
                </p>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </>
  );
}

/** One lifecycle: its diagram, what may be sent by whom, and what each state means. */
export function Lifecycle() {
  const { id = '' } = useParams();
  const [query, setQuery] = useSearchParams();
  const asked = query.get('version');
  const newest = useDescription(id);
  const shown = useDescription(id, asked === null ? undefined : Number(asked));
  return (
    <Answer of={newest}>
      {({ version: last, title }) => (
        <>
          <div className="view-head">
            <div>
              <p className="small">
                <Link to="/lifecycles">Definitions</Link>
              </p>
              <h1>{title}</h1>
            </div>
            <div className="row">
              <label className="field">
                <span className="field-name">Version</span>
                <select
                  value={asked ?? String(last)}
                  onChange={({ target }) => setQuery({ version: target.value }, { replace: true })}
                >
                  {Array.from({ length: last }, (_, index) => last - index).map((each) => (
                    <option key={each} value={each}>
                      {each === last ? `${each} (newest)` : each}
                    </option>
                  ))}
                </select>
              </label>
              <Link className="button low" to={`/instances?lifecycle=${id}`}>
                Its instances
              </Link>
            </div>
          </div>
          <Answer of={shown}>
            {(description) => <Details of={description} isNewest={description.version === last} />}
          </Answer>
        </>
      )}
    </Answer>
  );
}

function Details({
  of: { name, version, title, events, states, fingerprint },
  isNewest,
}: {
  of: LifecycleAnswer;
  isNewest: boolean;
}) {
  const me = useMe();
  const [isLived, setLived] = useState(false);
  return (
    <div className="stack">
      {isNewest ? (
        <section className="card" aria-label="Diagram">
          {isAllowed(me, OVERSEERS) ? (
            <label className="check small">
              <input type="checkbox" checked={isLived} onChange={({ target }) => setLived(target.checked)} />
              Show what is really lived
            </label>
          ) : null}
          <Diagram
            path={`/api/lifecycles/${name}/diagram.svg`}
            overlay={isLived ? 'lived' : undefined}
            label={isLived ? `State diagram of ${title}, with what is lived` : `State diagram of ${title}`}
          />
        </section>
      ) : null}
      {isLived ? <Coverage name={name} version={version} /> : null}
      {isNewest && isAllowed(me, ['admin']) ? <Migration lifecycle={name} /> : null}
      <div className="columns">
        <section className="card" aria-label="States">
          <h2>States</h2>
          <dl className="definitions">
            {states.map(({ id, description, tags, timers }) => (
              <div key={id}>
                <dt>
                  <code>{id}</code>{' '}
                  {tags.map((tag) => (
                    <span className="badge" key={tag}>
                      {tag}
                    </span>
                  ))}
                </dt>
                <dd className="small quiet">
                  {description}
                  {timers.length > 0 ? ` Deadline: ${timers.join(', ')}.` : ''}
                </dd>
              </div>
            ))}
          </dl>
        </section>
        <section className="card" aria-label="Events">
          <h2>Events</h2>
          <dl className="definitions">
            {events.map(({ type, label, from, description }) => (
              <div key={type}>
                <dt>
                  {label} <code className="quiet">{type}</code>
                </dt>
                <dd className="small quiet">
                  {description === undefined ? '' : `${description} `}sent by {from.join(', ')}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
      <p className="small quiet">Fingerprint: {fingerprint}</p>
    </div>
  );
}
