import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Problem, send } from '../../api/client.js';
import { useDescription } from '../../api/queries.js';
import type { ForceReportAnswer, InstanceAnswer } from '../../api/schema.js';
import { Dialog } from '../../parts/dialog.js';
import { isReason, ReasonField } from '../../parts/reason.js';
import { Trouble } from '../../parts/states.js';
import { eventName, span } from '../../parts/words.js';

/** Moves an instance whatever its guards say. What would follow is shown before it can be done. */
export function Force({ instance, onClose }: { instance: InstanceAnswer; onClose: () => void }) {
  const { id, lifecycle, version, state, phase, revision } = instance;
  const cache = useQueryClient();
  const description = useDescription(lifecycle, version);
  const [toState, setTo] = useState('');
  const [reason, setReason] = useState('');
  const [runEntryEffects, setRun] = useState(true);
  const field = useId();
  const body = {
    fromState: phase === null ? state : `${state}.${phase}`,
    toState,
    reason: reason.trim(),
    runEntryEffects,
    expectedRevision: revision,
  };
  const preview = useMutation({
    mutationFn: () => send('POST /admin/workflows/{id}/force-transition/preview', { id }, body),
  });
  const forcing = useMutation({
    mutationFn: () => send('POST /admin/workflows/{id}/force-transition', { id }, body),
    onSuccess: () => onClose(),
    onSettled: () => cache.invalidateQueries(),
  });
  const asking = useMutation({
    mutationFn: () => send('POST /admin/force-requests', {}, { ...body, instanceId: id }),
    onSettled: () => cache.invalidateQueries(),
  });
  const needsSecond = forcing.error instanceof Problem && forcing.error.code === 'SECOND_APPROVER_NEEDED';
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      preview.reset();
      forcing.reset();
      asking.reset();
    };
  return (
    <Dialog title="Force a transition" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          preview.mutate();
        }}
      >
        <p className="quiet">
          Moves it from <strong>{body.fromState}</strong> by its own exit and entry actions, whatever the guards say.
        </p>
        <label className="field">
          <span className="field-name">To state</span>
          <select value={toState} onChange={({ target }) => changed(setTo)(target.value)}>
            <option value="">Choose…</option>
            {description.data?.states
              .filter(({ type }) => type !== 'history')
              .map((each) => (
                <option key={each.id}>{each.id}</option>
              ))}
          </select>
        </label>
        <label className="check">
          <input type="checkbox" checked={runEntryEffects} onChange={({ target }) => changed(setRun)(target.checked)} />
          Do in the world what entering it does
        </label>
        <ReasonField id={field} reason={reason} onChange={changed(setReason)} />
        {preview.isError ? <Trouble error={preview.error} /> : null}
        {forcing.isError ? <Trouble error={forcing.error} /> : null}
        {asking.isError ? <Trouble error={asking.error} /> : null}
        {needsSecond && !asking.isSuccess ? (
          <button type="button" className="button" disabled={asking.isPending} onClick={() => asking.mutate()}>
            Ask another administrator
          </button>
        ) : null}
        <p role="status" className={asking.isSuccess ? 'done' : 'visually-hidden'}>
          {asking.isSuccess ? 'It is asked for; another administrator finds it in the settings.' : ''}
        </p>
        {preview.data ? <Consequences of={preview.data} /> : null}
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button" disabled={toState === '' || !isReason(reason) || preview.isPending}>
            Preview
          </button>
          <button
            type="button"
            className="button danger"
            disabled={!preview.data || forcing.isPending}
            onClick={() => forcing.mutate()}
          >
            Force it
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Consequences({
  of: { from, to, effects, timersArmed, timersCancelled, jobsCancelled },
}: {
  of: ForceReportAnswer;
}) {
  return (
    <div className="inset stack tight" role="status">
      <p>
        <strong>{from}</strong> → <strong>{to}</strong>
      </p>
      <p className="small">
        {effects.length === 0 ? 'Nothing would be done in the world.' : 'Would do: '}
        {effects.map(({ type }, index) => (
          <code className="chip" key={index}>
            {type}
          </code>
        ))}
      </p>
      {timersArmed.length > 0 ? (
        <p className="small">
          Deadlines set:{' '}
          {timersArmed.map(({ id, delayMs }) => `${eventName(id)} in ${span(delayMs / 1_000)}`).join('; ')}
        </p>
      ) : null}
      {timersCancelled.length + jobsCancelled.length > 0 ? (
        <p className="small">Called off: {[...timersCancelled, ...jobsCancelled].map(eventName).join(', ')}</p>
      ) : null}
    </div>
  );
}
