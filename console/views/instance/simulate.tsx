import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../../api/client.js';
import { useDescription, usePayloads } from '../../api/queries.js';
import type { InstanceAnswer, SimulationAnswer } from '../../api/schema.js';
import type { Fields } from '../../parts/form/schema.js';
import { State } from '../../parts/badges.js';
import { SchemaForm } from '../../parts/form/schema-form.js';
import { initialValues } from '../../parts/form/values.js';
import { Trouble } from '../../parts/states.js';
import { WhyNot } from '../../parts/why-not.js';
import { eventName, fullTime } from '../../parts/words.js';

type Supposed = { type: string; payload: Fields } | { advance: string };

/** Plays events and time against the instance as it is. Nothing is written. */
export function Simulate({ instance: { id, lifecycle, version } }: { instance: InstanceAnswer }) {
  const [supposed, setSupposed] = useState<Supposed[]>([]);
  const playing = useMutation({
    mutationFn: (events: Supposed[]) => send('POST /api/instances/{id}/simulate', { id }, { events }),
  });
  const change = (next: Supposed[]) => {
    setSupposed(next);
    if (next.length > 0) playing.mutate(next);
    else playing.reset();
  };
  return (
    <div className="columns">
      <div className="stack">
        <p className="quiet">
          What would happen if… Events and time are played one after the other; nothing is written and nothing is done.
        </p>
        {supposed.length === 0 ? null : (
          <ol className="supposed">
            {supposed.map((each, index) => (
              <li key={index}>
                {'advance' in each ? `${each.advance} pass` : <code>{each.type}</code>}
                <button
                  type="button"
                  className="button ghost"
                  onClick={() => change(supposed.filter((_, other) => other !== index))}
                >
                  Take out<span className="visually-hidden"> number {index + 1}</span>
                </button>
              </li>
            ))}
          </ol>
        )}
        <Add lifecycle={lifecycle} version={version} onAdd={(each) => change([...supposed, each])} />
      </div>
      <div aria-live="polite">
        {playing.isError ? <Trouble error={playing.error} /> : playing.data ? <Result of={playing.data} /> : null}
      </div>
    </div>
  );
}

function Add({ lifecycle, version, onAdd }: { lifecycle: string; version: number; onAdd: (each: Supposed) => void }) {
  const description = useDescription(lifecycle, version);
  const payloads = usePayloads(lifecycle);
  const [type, setType] = useState('');
  const [values, setValues] = useState<Fields>({});
  const [time, setTime] = useState('1d');
  const schema = payloads.data?.[type];
  return (
    <div className="stack">
      <form
        className="stack inset"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onAdd({ type, payload: values });
          setType('');
          setValues({});
        }}
      >
        <label className="field">
          <span className="field-name">An event comes</span>
          <select
            value={type}
            onChange={({ target }) => {
              setType(target.value);
              setValues(initialValues(payloads.data?.[target.value] ?? {}));
            }}
          >
            <option value="">Choose…</option>
            {description.data?.events.map((event) => (
              <option key={event.type} value={event.type}>
                {event.label} ({event.type})
              </option>
            ))}
          </select>
        </label>
        {schema ? <SchemaForm name="supposed" schema={schema} values={values} onChange={setValues} /> : null}
        <button type="submit" className="button" disabled={type === ''}>
          Add the event
        </button>
      </form>
      <form
        className="inset row"
        onSubmit={(event) => {
          event.preventDefault();
          onAdd({ advance: time });
        }}
      >
        <label className="field grow">
          <span className="field-name">Time passes (90s, 48h, 3d)</span>
          <input
            value={time}
            pattern="\d{1,9}(ms|s|m|h|d|w)"
            required
            onChange={({ target }) => setTime(target.value)}
          />
        </label>
        <button type="submit" className="button low">
          Add the time
        </button>
      </form>
    </div>
  );
}

function Result({ of: { steps, refused, state, phase, allowedEvents } }: { of: SimulationAnswer }) {
  return (
    <div className="stack">
      <p>
        It would be in{' '}
        <span className="badge accent large">
          <State state={state} phase={phase} />
        </span>
        {allowedEvents.length > 0 ? (
          <span className="small quiet"> and you could send {allowedEvents.join(', ')}</span>
        ) : null}
      </p>
      {refused ? (
        <div className="trouble">
          <p className="trouble-title">
            <code>{refused.event}</code>{' '}
            {refused.verdict === 'WITHHELD' ? 'is as far as you may look' : 'would be refused'}
          </p>
          <WhyNot explanation={refused} />
        </div>
      ) : null}
      <ol className="timeline">
        {steps.map(({ event, at, from, to, effects, timersArmed }, index) => (
          <li className="step accent" key={index}>
            <div className="step-head">
              <code className="step-type">{eventName(event)}</code>
              <span className="step-way">
                <span className="quiet">{from} → </span>
                <strong>{to}</strong>
              </span>
            </div>
            <p className="small quiet">{fullTime(at)}</p>
            {effects.length > 0 ? (
              <p className="small">
                would do{' '}
                {effects.map(({ type }, each) => (
                  <code className="chip" key={each}>
                    {type}
                  </code>
                ))}
              </p>
            ) : null}
            {timersArmed.length > 0 ? (
              <p className="small quiet">
                sets {timersArmed.length === 1 ? 'a deadline' : `${timersArmed.length} deadlines`}
              </p>
            ) : null}
          </li>
        ))}
      </ol>
    </div>
  );
}
