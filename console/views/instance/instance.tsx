import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { follow } from '../../api/stream.js';
import { useInstance, useLifecycles } from '../../api/queries.js';
import type { InstanceAnswer as Shown } from '../../api/schema.js';
import { State, Status } from '../../parts/badges.js';
import { Diagram } from '../../parts/diagram.js';
import { AsText } from '../../parts/json.js';
import { isAllowed, OVERSEERS, useMe } from '../../parts/me.js';
import { Moment } from '../../parts/moment.js';
import { Answer } from '../../parts/states.js';
import { Administration } from './administration.js';
import { Effects } from './effects.js';
import { Actions } from './actions.js';
import { Explain } from './explain.js';
import { History } from './history.js';
import { Past } from './past.js';
import { Plan } from './plan.js';
import { Proof } from './proof.js';
import { Simulate } from './simulate.js';
import { Timers } from './timers.js';
import { Undone } from './undone.js';
import { Versions } from './versions.js';

const PARTS = [
  ...([
    'history',
    'why',
    'plan',
    'effects',
    'undone',
    'timers',
    'context',
    'past',
    'simulate',
    'proof',
    'version',
  ] as const),
];
type Part = (typeof PARTS)[number];
/** What only administrators may ask. */
const FOR_ADMINISTRATORS: readonly Part[] = ['proof', 'version'];
const NAMES: Record<Part, string> = {
  history: 'History',
  why: 'Why can’t it move?',
  plan: 'How do I get there?',
  effects: 'Effects',
  undone: 'Undone',
  timers: 'Timers',
  context: 'Context',
  past: 'As it was',
  simulate: 'Simulate',
  proof: 'Proof',
  version: 'Version',
};

/** One instance: where it stands, how it came there, what can happen next, and why other things cannot. It follows each step. */
export function Instance() {
  const { id = '' } = useParams();
  const instance = useInstance(id);
  return <Answer of={instance}>{(shown) => <Known instance={shown} />}</Answer>;
}

function Known({ instance }: { instance: Shown }) {
  const { id, lifecycle, state, phase, status, tags, version, revision, updatedAt } = instance;
  const isLive = useSteps(instance);
  const me = useMe();
  const [query, setQuery] = useSearchParams();
  const parts = PARTS.filter(
    (each) =>
      (!FOR_ADMINISTRATORS.includes(each) || isAllowed(me, ['admin'])) &&
      (each !== 'undone' || instance.compensation !== 'none'),
  );
  const part = parts.find((each) => each === query.get('part')) ?? 'history';
  const title = useLifecycles().data?.data.find(({ name }) => name === lifecycle)?.title ?? lifecycle;
  return (
    <>
      <div className="view-head">
        <div>
          <p className="small">
            <Link to={`/instances?lifecycle=${lifecycle}`}>{title}</Link> <span className="quiet">v{version}</span>
          </p>
          <h1 className="id">{id}</h1>
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
            <span className={isLive ? 'live on' : 'live'}>{isLive ? 'live' : 'not live'}</span>
            <span className="small quiet">
              revision {revision}, changed <Moment at={updatedAt} />
            </span>
          </p>
        </div>
        {isAllowed(me, ['admin']) ? <Administration instance={instance} /> : null}
      </div>
      <div className="instance-top">
        <section className="card" aria-label="Where it stands">
          <Diagram
            path={`/api/instances/${id}/diagram.svg`}
            label={`${title}: in ${state}, with the way it came`}
            version={revision}
          />
        </section>
        <div className="stack">
          <Actions instance={instance} />
          <About instance={instance} />
        </div>
      </div>
      <section className="card" aria-label="More about it">
        <div className="tabs" role="tablist" aria-label="More about it">
          {parts.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`tab-${each}`}
              aria-selected={part === each}
              aria-controls="part"
              tabIndex={part === each ? 0 : -1}
              onKeyDown={(event) => {
                const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
                const next = step && parts.at((parts.indexOf(part) + step) % parts.length);
                if (!next) return;
                setQuery({ part: next }, { replace: true });
                document.getElementById(`tab-${next}`)?.focus();
              }}
              onClick={() => setQuery({ part: each }, { replace: true })}
            >
              {NAMES[each]}
            </button>
          ))}
        </div>
        <div id="part" role="tabpanel" aria-labelledby={`tab-${part}`}>
          <Contents part={part} instance={instance} seesAll={isAllowed(me, OVERSEERS)} />
        </div>
      </section>
    </>
  );
}

function Contents({ part, instance, seesAll }: { part: Part; instance: Shown; seesAll: boolean }) {
  switch (part) {
    case 'history':
      return <History instance={instance} />;
    case 'why':
      return <Explain instance={instance} />;
    case 'effects':
      return <Effects instance={instance} />;
    case 'timers':
      return <Timers instance={instance} />;
    case 'context':
      return (
        <div className="stack">
          {seesAll ? null : <p className="quiet small">What is confidential is left out.</p>}
          <AsText of={instance.context} label="Context as JSON" />
        </div>
      );
    case 'plan':
      return <Plan instance={instance} />;
    case 'undone':
      return <Undone instance={instance} />;
    case 'past':
      return <Past instance={instance} />;
    case 'version':
      return <Versions instance={instance} />;
    case 'simulate':
      return <Simulate instance={instance} />;
    case 'proof':
      return <Proof id={instance.id} />;
  }
}

/** Parties, keys and dates. */
function About({ instance: { parties, keys, createdAt, compensation } }: { instance: Shown }) {
  const lines = [...Object.entries(parties), ...Object.entries(keys)];
  return (
    <section className="card" aria-label="About it">
      <h2>About it</h2>
      <dl className="facts">
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Link to={`/instances?text=${encodeURIComponent(value)}`}>{value}</Link>
            </dd>
          </div>
        ))}
        <div>
          <dt>started</dt>
          <dd>
            <Moment at={createdAt} />
          </dd>
        </div>
        {compensation === 'none' ? null : (
          <div>
            <dt>compensation</dt>
            <dd>{compensation}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** Asks everything about the instance anew with each of its steps. */
function useSteps({ id, status, revision }: Shown): boolean {
  const cache = useQueryClient();
  const [isLive, setLive] = useState(false);
  const isOver = status === 'done' || status === 'failed';
  const [begun] = useState(revision);
  useEffect(() => {
    if (isOver) return setLive(false);
    return follow(id, begun, () => void cache.invalidateQueries({ queryKey: ['instance', id] }), setLive);
  }, [id, isOver, begun, cache]);
  return isLive;
}
