import type { ExplainedEvent, GuardTruth } from '../api/schema.js';
import { verdictOf } from './words.js';

/** Why an event would be taken or refused: the verdict in words, what is missing, and each condition with its truth. */
export function WhyNot({ explanation }: { explanation: ExplainedEvent }) {
  const { candidates, missing, clearedBy, failing, senders, handledEvents, verdict, state, phase } = explanation;
  return (
    <div className="why-not">
      <p>{verdictOf(explanation)}</p>
      {missing.length > 0 ? (
        <p>
          Still missing:{' '}
          {missing.map((item) => (
            <code key={item} className="chip">
              {item}
            </code>
          ))}
          {clearedBy.length > 0 ? <span className="quiet"> cleared by {clearedBy.join(', ')}</span> : null}
        </p>
      ) : null}
      {failing.some(({ reason }) => reason?.message) ? (
        <ul className="reasons">
          {failing.map(({ name, reason }) => (
            <li key={name}>{typeof reason?.message === 'string' ? reason.message : name}</li>
          ))}
        </ul>
      ) : null}
      {candidates.map(({ source, target, guard, taken, label }, index) => (
        <div className="candidate" key={index}>
          <div className="candidate-head">
            <code>{source}</code> → <code>{target.join(', ') || 'stays'}</code>
            {label === undefined || label === explanation.event ? null : <span className="quiet">{label}</span>}
            {taken ? <span className="badge good">would be taken</span> : null}
          </div>
          {guard.op === 'none' ? <p className="small quiet">without a condition</p> : <Guards tree={guard} />}
        </div>
      ))}
      {verdict === 'EVENT_NOT_HANDLED_IN_STATE' && handledEvents.length > 0 ? (
        <p className="small">
          {phase === null ? state : `${state}.${phase}`} answers to:{' '}
          {handledEvents.map((event) => (
            <code key={event} className="chip">
              {event}
            </code>
          ))}
        </p>
      ) : null}
      {senders.length > 0 ? <p className="small quiet">May be sent by: {senders.join(', ')}</p> : null}
    </div>
  );
}

const TRUTH = {
  yes: ['✓', 'truth yes', 'holds'],
  no: ['✗', 'truth no', 'does not hold'],
  untold: ['?', 'truth', 'is not told'],
} as const;

/** A condition with its parts, each true or not. */
function Guards({ tree }: { tree: GuardTruth }) {
  const { op, name, ok, params, reason, error, children = [] } = tree;
  const words = { and: 'all of', or: 'one of', not: 'not', stateIn: 'is in', leaf: '', none: '' }[op];
  const told = ok === null && op === 'leaf' ? 'withheld' : (error ?? (ok ? undefined : reason?.message));
  const [sign, look, spoken] = ok === null ? TRUTH.untold : ok ? TRUTH.yes : TRUTH.no;
  return (
    <ul className="guards">
      <li>
        <span className={look} role="img" aria-label={spoken}>
          {sign}
        </span>
        <span>
          {words} {name === undefined ? null : <code>{name}</code>}
          {params === undefined ? null : <code className="quiet"> {JSON.stringify(params)}</code>}
          {typeof told === 'string' ? <span className="quiet"> — {told}</span> : null}
        </span>
        {children.map((child, index) => (
          <Guards tree={child} key={index} />
        ))}
      </li>
    </ul>
  );
}
