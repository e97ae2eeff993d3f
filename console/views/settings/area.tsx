import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem, send } from '../../api/client.js';
import { useGet } from '../../api/queries.js';
import { SchemaForm } from '../../parts/form/schema-form.js';
import type { Fields, Json, Schema } from '../../parts/form/schema.js';
import { messagesByField } from '../../parts/form/values.js';
import { ReasonDialog } from '../../parts/reason.js';
import { Answer, Trouble } from '../../parts/states.js';

type Path =
  | '/admin/settings/force'
  | '/admin/settings/deals'
  | '/admin/settings/investment'
  | '/admin/settings/production'
  | '/admin/settings/nda'
  | '/admin/settings/notifications';

/** Settings of one area: read, changed, or put back to what they are by default. */
export function Area({ title, path, route }: { title: string; path: Path; route: `PUT ${Path}` }) {
  const settings = useGet(path);
  return (
    <section className="card" aria-label={title}>
      <details className="area">
        <summary>
          <h2>{title}</h2>
        </summary>
        <Answer of={settings}>{(now) => <Change path={path} route={route} now={{ ...now }} />}</Answer>
      </details>
    </section>
  );
}

function Change({ path, route, now }: { path: Path; route: `PUT ${Path}`; now: Fields }) {
  const cache = useQueryClient();
  const [values, setValues] = useState<Fields>(now);
  const schema = schemaOf(now);
  const saving = useMutation({
    mutationFn: () => send(route, {}, changesOf(now, values)),
    onSuccess: (next) => {
      setValues({ ...next });
      return cache.invalidateQueries({ queryKey: [path] });
    },
  });
  const fields = saving.error instanceof Problem ? saving.error.fields : [];
  const needsSecond = saving.error instanceof Problem && saving.error.code === 'SECOND_APPROVER_NEEDED';
  const [isAsking, setAsking] = useState(false);
  const isChanged = Object.keys(changesOf(now, values)).length > 0;
  return (
    <>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <SchemaForm
          name={path.split('/').at(-1) ?? path}
          schema={schema}
          values={values}
          onChange={setValues}
          messages={messagesByField(fields, schema)}
        />
        {saving.isError ? <Trouble error={saving.error} /> : null}
        <p role="status" className={saving.isSuccess && !isChanged ? 'done' : 'visually-hidden'}>
          {saving.isSuccess && !isChanged ? 'It is kept.' : ''}
        </p>
        <div className="row">
          <button type="submit" className="button primary" disabled={!isChanged || saving.isPending}>
            Save
          </button>
          {needsSecond ? (
            <button type="button" className="button" onClick={() => setAsking(true)}>
              Ask another administrator
            </button>
          ) : null}
          <span className="small quiet">An empty field takes its default back.</span>
        </div>
      </form>
      {isAsking ? (
        <ReasonDialog
          title="Ask another administrator"
          action="Ask"
          work={(reason) =>
            send('POST /admin/force-requests/settings', {}, { ...emptied(changesOf(now, values)), reason })
          }
          onClose={() => {
            setAsking(false);
            saving.reset();
          }}
        />
      ) : null}
    </>
  );
}

/** The form of settings is that of their values: each has one, if only the default. */
const schemaOf = (now: Fields): Schema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(now).map(([name, value]) => [name, typeOf(value)])),
});

function typeOf(value: Json): Schema {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    return { type: 'array', items: { type: 'string' } };
  return typeof value === 'object' ? {} : { type: typeof value };
}

/** What is different; null takes a default back. */
const changesOf = (now: Fields, values: Fields): Fields =>
  Object.fromEntries(
    Object.keys(now).flatMap((name): [string, Json][] =>
      JSON.stringify(now[name]) === JSON.stringify(values[name]) ? [] : [[name, values[name] ?? null]],
    ),
  );

/** Lists as they shall be: one that takes its default back is empty. */
const emptied = (changes: Fields): Fields =>
  Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ?? []]));
