import { useEffect, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useDescription, useLifecycles, usePages } from '../api/queries.js';
import type { InstanceAnswer } from '../api/schema.js';
import { State, Status } from '../parts/badges.js';
import { Moment } from '../parts/moment.js';
import { Pages } from '../parts/more.js';
import { Empty } from '../parts/states.js';

const FILTERS = ['lifecycle', 'state', 'status', 'tag', 'party', 'text'] as const;
const STATUSES = ['active', 'done', 'failed', 'paused', 'quarantined'];
const LOOK_EVERY_MS = 5_000;
/** So long nobody types before what was typed is looked for. */
const PAUSE_MS = 300;

/** Every instance one may see. What it is narrowed by stands in the address, so that it can be passed on. */
export function Instances() {
  const [query, setQuery] = useSearchParams();
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? undefined]));
  const instances = usePages('/api/instances', filter, LOOK_EVERY_MS);
  const narrow = (name: string, value: string) =>
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        // A state of one lifecycle is none of another.
        if (name === 'lifecycle') next.delete('state');
        return next;
      },
      { replace: true },
    );
  const isNarrowed = FILTERS.some((name) => query.has(name));
  return (
    <>
      <div className="view-head">
        <h1>Instances</h1>
        {isNarrowed ? (
          <button type="button" className="button" onClick={() => setQuery({}, { replace: true })}>
            Clear filters
          </button>
        ) : null}
      </div>
      <div className="stack">
        <Filters filter={filter} narrow={narrow} />
        <section className="card" aria-label="List of instances">
          <Pages<InstanceAnswer>
            of={instances}
            empty={
              <Empty title={isNarrowed ? 'Nothing matches' : 'No instances yet'}>
                {isNarrowed ? 'Change or clear the filters.' : 'They appear here as soon as the first one is started.'}
              </Empty>
            }
          >
            {(rows) => <Table rows={rows} />}
          </Pages>
        </section>
      </div>
    </>
  );
}

function Filters({
  filter,
  narrow,
}: {
  filter: Record<string, string | undefined>;
  narrow: (name: string, value: string) => void;
}) {
  const lifecycles = useLifecycles();
  const chosen = filter['lifecycle'];
  const description = useDescription(chosen);
  const states = description.data?.states.filter(({ parent }) => parent === null).map(({ id }) => id) ?? [];
  const tags = [...new Set(description.data?.states.flatMap((state) => state.tags) ?? [])];
  return (
    <form className="card filters" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <label className="field">
        <span className="field-name">Lifecycle</span>
        <select value={chosen ?? ''} onChange={({ target }) => narrow('lifecycle', target.value)}>
          <option value="">All</option>
          {lifecycles.data?.data.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="field-name">State</span>
        <select
          value={filter['state'] ?? ''}
          disabled={chosen === undefined && filter['state'] === undefined}
          onChange={({ target }) => narrow('state', target.value)}
        >
          <option value="">{chosen === undefined ? 'Any' : 'All'}</option>
          {[...new Set([...states, ...(filter['state'] ? [filter['state']] : [])])].map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="field-name">Status</span>
        <select value={filter['status'] ?? ''} onChange={({ target }) => narrow('status', target.value)}>
          <option value="">All</option>
          {STATUSES.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
      <Typed name="Tag" value={filter['tag']} onChange={(value) => narrow('tag', value)} among={tags} />
      <Typed name="Party" value={filter['party']} onChange={(value) => narrow('party', value)} hint="user id" />
      <Typed
        name="Text"
        value={filter['text']}
        onChange={(value) => narrow('text', value)}
        hint="part of an id, party or key"
      />
    </form>
  );
}

interface TypedProps {
  name: string;
  value: string | undefined;
  onChange: (value: string) => void;
  hint?: string;
  among?: readonly string[];
}

/** A filter that is typed; it holds once one pauses. */
function Typed({ name, value = '', onChange, hint, among = [] }: TypedProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return undefined;
    const later = setTimeout(() => onChange(text.trim()), PAUSE_MS);
    return () => clearTimeout(later);
  });
  const list = `among-${name}`;
  return (
    <label className="field">
      <span className="field-name">{name}</span>
      <input
        type="search"
        value={text}
        placeholder={hint}
        list={among.length > 0 ? list : undefined}
        onChange={({ target }) => setText(target.value)}
      />
      {among.length > 0 ? (
        <datalist id={list}>
          {among.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      ) : null}
    </label>
  );
}

function Table({ rows }: { rows: readonly InstanceAnswer[] }) {
  const titles = new Map(useLifecycles().data?.data.map(({ name, title }) => [name, title]));
  return (
    <div className="table-frame">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Instance</th>
            <th scope="col">Lifecycle</th>
            <th scope="col">State</th>
            <th scope="col">Status</th>
            <th scope="col">Parties</th>
            <th scope="col">Changed</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, lifecycle, version, state, phase, status, tags, parties, updatedAt }) => (
            <tr key={id}>
              <td>
                <Link className="id" to={`/instances/${id}`}>
                  {id}
                </Link>
              </td>
              <td data-name="Lifecycle">
                {titles.get(lifecycle) ?? lifecycle} <span className="quiet">v{version}</span>
              </td>
              <td data-name="State">
                <span>
                  <State state={state} phase={phase} />{' '}
                  {tags.map((tag) => (
                    <span key={tag} className="badge">
                      {tag}
                    </span>
                  ))}
                </span>
              </td>
              <td data-name="Status">
                <Status of={status} />
              </td>
              <td data-name="Parties">
                <Parties parties={parties} />
              </td>
              <td data-name="Changed" className="nowrap">
                <Moment at={updatedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Parties({ parties }: { parties: Record<string, string> }) {
  const all = Object.entries(parties);
  if (all.length === 0) return <span className="quiet">—</span>;
  return (
    <span>
      {all.map(([name, who]) => (
        <span key={name} className="party" title={`${name}: ${who}`}>
          <span className="quiet">{name}</span> {who}
        </span>
      ))}
    </span>
  );
}
