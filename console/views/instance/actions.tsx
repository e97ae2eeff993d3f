import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem, send } from '../../api/client.js';
import { useDescription, usePayloads } from '../../api/queries.js';
import type { InstanceAnswer } from '../../api/schema.js';
import type { Fields } from '../../parts/form/schema.js';
import { Dialog } from '../../parts/dialog.js';
import { SchemaForm } from '../../parts/form/schema-form.js';
import { initialValues, messagesByField, unplaced } from '../../parts/form/values.js';
import { Trouble } from '../../parts/states.js';

/** What may be sent to the instance now, by whoever looks at it. */
export function Actions({ instance }: { instance: InstanceAnswer }) {
  const { allowedEvents, lifecycle, version, status } = instance;
  const description = useDescription(lifecycle, version);
  const [chosen, setChosen] = useState<string>();
  const [done, setDone] = useState<string>();
  const known = new Map(description.data?.events.map((event) => [event.type, event]));
  return (
    <section className="card" aria-label="What you can do">
      <h2>What you can do</h2>
      {allowedEvents.length === 0 ? (
        <p className="quiet">
          {status === 'active'
            ? 'Nothing at the moment: others, or the clock, are to move it. “Why can’t it move?” says who.'
            : `It is ${status}; no event moves it.`}
        </p>
      ) : (
        <div className="stack tight">
          {allowedEvents.map((type) => (
            <button
              key={type}
              type="button"
              className="button action"
              onClick={() => {
                setDone(undefined);
                setChosen(type);
              }}
            >
              <span>{known.get(type)?.label ?? type}</span>
              <code className="quiet">{type}</code>
            </button>
          ))}
        </div>
      )}
      <p role="status" className={done === undefined ? 'visually-hidden' : 'done'}>
        {done}
      </p>
      {chosen === undefined ? null : (
        <SendDialog
          instance={instance}
          type={chosen}
          label={known.get(chosen)?.label ?? chosen}
          description={known.get(chosen)?.description}
          onClose={() => setChosen(undefined)}
          onDone={(state) => {
            setChosen(undefined);
            setDone(`${chosen} was taken: ${state}`);
          }}
        />
      )}
    </section>
  );
}

interface Sending {
  instance: InstanceAnswer;
  type: string;
  label: string;
  description: string | undefined;
  onClose: () => void;
  onDone: (state: string) => void;
}

/** Asks for the payload of an event, as its schema has it, and sends it. */
function SendDialog({ instance: { id, lifecycle, revision }, type, label, description, onClose, onDone }: Sending) {
  const cache = useQueryClient();
  const payloads = usePayloads(lifecycle);
  const schema = payloads.data?.[type] ?? { type: 'object' };
  const [values, setValues] = useState<Fields>();
  const filled = values ?? initialValues(schema);
  const sending = useMutation({
    // With the revision that was looked at: nobody decides about something else than he has seen.
    mutationFn: () => send('POST /api/instances/{id}/events', { id }, { type, payload: filled }, revision),
    onSuccess: ({ state }) => onDone(state),
    onSettled: () => cache.invalidateQueries({ queryKey: ['instance', id] }),
  });
  const problem = sending.error instanceof Problem ? sending.error : undefined;
  const fields = problem?.fields ?? [];
  const isTold = fields.length > 0 && unplaced(fields, schema).length === 0;
  return (
    <Dialog title={label} onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          sending.mutate();
        }}
      >
        {description === undefined ? null : <p className="quiet">{description}</p>}
        <SchemaForm
          name="payload"
          schema={schema}
          values={filled}
          onChange={setValues}
          messages={messagesByField(fields, schema)}
        />
        {sending.isError ? <Trouble error={sending.error} withFields={!isTold} /> : null}
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={sending.isPending || payloads.isLoading}>
            {sending.isPending ? 'Sending…' : `Send ${type}`}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
