import { useSearchParams } from 'react-router';
import { useDescription, useGet } from '../../api/queries.js';
import type { InstanceAnswer, PlanAnswer, PlannedStep, PlanNeed } from '../../api/schema.js';
import { Moment } from '../../parts/moment.js';
import { Answer } from '../../parts/states.js';
import { eventName } from '../../parts/words.js';

/** The way to a state or tag: who has to do what, what has to be so, and what nobody can know beforehand. */
export function Plan({ instance: { id, lifecycle, version, revision } }: { instance: InstanceAnswer }) {
  const [query, setQuery] = useSearchParams();
  const goal = query.get('goal') ?? '';
  const description = useDescription(lifecycle, version);
  const states = description.data?.states.filter(({ type }) => type !== 'history') ?? [];
  const tags = [...new Set(states.flatMap((state) => state.tags))].sort();
  return (
    <div className="stack">
      <label className="field narrow">
        <span className="field-name">Where should it get to?</span>
        <select
          value={goal}
          onChange={({ target }) => setQuery({ part: 'plan', goal: target.value }, { replace: true })}
        >
          <option value="">Choose…</option>
          <optgroup label="A state">
            {states.map((state) => (
              <option key={state.id}>{state.id}</option>
            ))}
          </optgroup>
          {tags.length === 0 ? null : (
            <optgroup label="Any state with the tag">
              {tags.map((tag) => (
                <option key={tag}>{tag}</option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      {goal === '' ? (
        <p className="quiet">The shortest way is worked out from where it is now. Nothing is written.</p>
      ) : (
        <Way id={id} goal={goal} key={`${goal}${revision}`} />
      )}
    </div>
  );
}

function Way({ id, goal }: { id: string; goal: string }) {
  const plan = useGet('/api/instances/{id}/plan', { id, goal });
  return (
    <Answer of={plan}>
      {(known) => (
        <div className="stack" role="status">
          <p>{inShort(known)}</p>
          {known.steps.length === 0 ? null : (
            <ol className="timeline">
              {known.steps.map((step, index) => (
                <Step step={step} key={index} />
              ))}
            </ol>
          )}
          {known.undecided.length === 0 ? null : (
            <details>
              <summary>{known.undecided.length} conditions that could not be decided beforehand</summary>
              <ul className="reasons small">
                {known.undecided.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            </details>
          )}
        </div>
      )}
    </Answer>
  );
}

function inShort({ verdict, goal, from, steps, looked }: PlanAnswer): string {
  switch (verdict) {
    case 'there':
      return `It is there: ${from} is ${goal}.`;
    case 'way':
      return `${steps.length === 1 ? 'One step leads' : `${steps.length} steps lead`} from ${from} to ${goal}.`;
    case 'none':
      return `No way leads from ${from} to ${goal}, whatever happens.`;
    case 'unknown':
      return `None was found in ${looked} situations; there may be one further on.`;
  }
}

const TONES = { event: 'accent', time: 'warn', work: 'teal', failure: 'bad' } as const;
const BY = { event: 'somebody sends it', time: 'time passes', work: 'work succeeds', failure: 'work fails' } as const;

function Step({ step: { event, label, by, senders, users, byCaller, dueAt, from, to, needs } }: { step: PlannedStep }) {
  return (
    <li className={`step ${TONES[by]}`}>
      <div className="step-head">
        <code className="step-type" title={event}>
          {eventName(event)}
        </code>
        <span className={`badge ${TONES[by]}`}>{BY[by]}</span>
        {byCaller ? <span className="badge good">you may send it</span> : null}
        <span className="step-way">
          <span className="quiet">{from} → </span>
          <strong>{to}</strong>
        </span>
      </div>
      <p className="small quiet">
        {label}
        {senders.length === 0 ? '' : `; by ${senders.join(', ')}`}
        {users.length === 0 ? '' : ` (${users.join(', ')})`}
        {dueAt === null ? null : (
          <>
            ; due <Moment at={dueAt} />
          </>
        )}
      </p>
      {needs.length === 0 ? null : (
        <ul className="guards">
          {needs.map((need, index) => (
            <Need need={need} key={index} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Need({ need: { condition, params, mustBe, now, fields, reason, clearedBy } }: { need: PlanNeed }) {
  const isSo = now === 'holds' ? mustBe : now === 'fails' ? !mustBe : undefined;
  const look = isSo === undefined ? 'truth' : isSo ? 'truth yes' : 'truth no';
  const spoken = isSo === undefined ? 'is open' : isSo ? 'is so already' : 'is not so yet';
  return (
    <li>
      <span className={look} role="img" aria-label={spoken}>
        {isSo === undefined ? '?' : isSo ? '✓' : '✗'}
      </span>
      <span>
        {mustBe ? '' : 'not '}
        <code>{condition}</code>
        {params === undefined ? null : <code className="quiet"> {JSON.stringify(params)}</code>}
        <span className="quiet">
          {now === 'payload' ? ` — decided by what is sent: ${fields.join(', ')}` : ''}
          {now === 'unknown' ? ' — cannot be asked before' : ''}
          {now === 'withheld' ? ' — not told to you' : ''}
          {reason?.message === undefined ? '' : ` — ${reason.message}`}
          {reason?.missing && reason.missing.length > 0 ? ` — missing: ${reason.missing.join(', ')}` : ''}
          {clearedBy.length > 0 ? ` — cleared by ${clearedBy.join(', ')}` : ''}
        </span>
      </span>
    </li>
  );
}
