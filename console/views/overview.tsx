import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, Navigate, useNavigate, useSearchParams } from 'react-router';
import { get, search } from '../api/client.js';
import type { LifecycleSummary, Overview as Figures } from '../api/schema.js';
import { Diagram } from '../parts/diagram.js';
import { isAllowed, OVERSEERS, useMe } from '../parts/me.js';
import { Answer, Empty } from '../parts/states.js';
import { count, span } from '../parts/words.js';
import { SandboxClock } from './sandbox-clock.js';
import { Incidents, Stuck } from './worries.js';

const LOOK_EVERY_MS = 5_000;

/** The tenant at a glance. Parties of single instances begin with those instead. */
export function Overview() {
  return isAllowed(useMe(), OVERSEERS) ? <AtAGlance /> : <Navigate to="/instances" replace />;
}

function AtAGlance() {
  const me = useMe();
  const figures = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => get('/admin/overview', {}, signal),
    refetchInterval: LOOK_EVERY_MS,
  });
  const lifecycles = useQuery({
    queryKey: ['lifecycles'],
    queryFn: ({ signal }) => get('/api/lifecycles', {}, signal),
    staleTime: Infinity,
  });
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Overview</h1>
          <p className="quiet">Tenant {me.tenant}, as it is now</p>
        </div>
        {isAllowed(me, ['admin']) ? <SandboxClock /> : null}
      </div>
      <div className="stack">
        <Answer of={figures}>{(data) => <Tiles figures={data} />}</Answer>
        <Answer of={figures}>
          {(data) => <Answer of={lifecycles}>{(known) => <Heat figures={data} lifecycles={known.data} />}</Answer>}
        </Answer>
        <div className="columns">
          {isAllowed(me, ['admin']) ? <Stuck /> : null}
          {isAllowed(me, ['admin', 'operator', 'legal']) ? <Incidents /> : null}
        </div>
      </div>
    </>
  );
}

function Tiles({ figures: { instances, effects, timers, messages } }: { figures: Figures }) {
  const sum = (status: string) =>
    instances.reduce((total, each) => total + (each.status === status ? each.count : 0), 0);
  const halted = sum('paused') + sum('quarantined');
  const unread = messages.quarantined + messages.failed;
  return (
    <ul className="tiles">
      <Tile
        name="Active instances"
        value={count(sum('active'))}
        note={`${count(sum('done'))} have ended`}
        to="/instances?status=active"
      />
      <Tile
        name="Effects waiting"
        value={count(effects.waiting)}
        note={effects.lagSeconds > 0 ? `the oldest is due since ${span(effects.lagSeconds)}` : 'none is late'}
        tone={effects.lagSeconds > 60 ? 'warn' : undefined}
      />
      <Tile
        name="Dead letters"
        value={count(effects.dead)}
        note="given up until somebody decides"
        tone={effects.dead > 0 ? 'bad' : undefined}
        to="/dead-letters"
      />
      <Tile
        name="Timers armed"
        value={count(timers.armed)}
        note={`${count(timers.overdue)} overdue${timers.dead > 0 ? `, ${count(timers.dead)} given up` : ''}`}
        tone={timers.overdue > 0 ? 'warn' : undefined}
      />
      <Tile
        name="Messages held"
        value={count(unread)}
        note={`${count(messages.waiting)} to be applied`}
        tone={unread > 0 ? 'warn' : undefined}
        to="/messages"
      />
      <Tile
        name="Paused or quarantined"
        value={count(halted)}
        note="do not move"
        tone={halted > 0 ? 'warn' : undefined}
        to="/instances?status=paused"
      />
    </ul>
  );
}

function Tile({
  name,
  value,
  note,
  tone,
  to,
}: {
  name: string;
  value: string;
  note: string;
  tone?: 'warn' | 'bad' | undefined;
  to?: string;
}) {
  const inside = (
    <>
      <span className="tile-name">{name}</span>
      <span className={tone ? `tile-value ${tone}` : 'tile-value'}>{value}</span>
      <span className="small quiet">{note}</span>
    </>
  );
  return <li className="card tile">{to ? <Link to={to}>{inside}</Link> : inside}</li>;
}

/** Which states the instances of a lifecycle are in: a list, and the lifecycle's diagram. */
function Heat({ figures: { instances }, lifecycles }: { figures: Figures; lifecycles: readonly LifecycleSummary[] }) {
  const [query, setQuery] = useSearchParams();
  const go = useNavigate();
  const totals = new Map<string, number>();
  for (const { lifecycle, count: each } of instances) totals.set(lifecycle, (totals.get(lifecycle) ?? 0) + each);
  const sorted = [...lifecycles].sort((a, b) => (totals.get(b.name) ?? 0) - (totals.get(a.name) ?? 0));
  const chosen = query.get('lifecycle') ?? sorted[0]?.name;
  const states = useMemo(() => {
    const found = new Map<string, number>();
    for (const { lifecycle, state, count: each } of instances)
      if (lifecycle === chosen) found.set(state, (found.get(state) ?? 0) + each);
    return found;
  }, [instances, chosen]);
  const lifecycle = lifecycles.find(({ name }) => name === chosen);
  if (!lifecycle) return <Empty title="No lifecycles are hosted here" />;
  return (
    <section className="card heat" aria-label="Instances by state">
      <div className="heat-choice">
        <h2>Lifecycles</h2>
        <ul>
          {sorted.map(({ name, title }) => (
            <li key={name}>
              <button
                type="button"
                aria-pressed={name === chosen}
                onClick={() => setQuery({ lifecycle: name }, { replace: true })}
              >
                <span>{title}</span>
                <span className="badge">{count(totals.get(name) ?? 0)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <div className="stack">
        <div className="card-head">
          <h2>{lifecycle.title}</h2>
          <Link to={`/lifecycles/${lifecycle.name}`}>Definition</Link>
        </div>
        {states.size === 0 ? (
          <p className="quiet">No instances yet.</p>
        ) : (
          <ul className="row">
            {[...states].map(([state, each]) => (
              <li key={state}>
                <Link className="state-link" to={`/instances${search({ lifecycle: lifecycle.name, state })}`}>
                  {state} <span className="badge accent">{count(each)}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
        <Diagram
          key={lifecycle.name}
          path={`/api/lifecycles/${lifecycle.name}/diagram.svg`}
          label={`State diagram of ${lifecycle.title}`}
          heat={states}
          onPick={(path) => void go(`/instances${search({ lifecycle: lifecycle.name, state: path.split('.')[0] })}`)}
        />
      </div>
    </section>
  );
}
