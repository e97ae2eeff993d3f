import { useState } from 'react';
import type { Json, Schema } from './schema.js';
import type { FieldProps } from './field.js';

/** Longer texts get more room. */
const ONE_LINE = 300;

/** What every control says of itself. */
export type Common = {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
  'aria-required': boolean;
};

export function Text({
  schema,
  widget,
  text,
  write,
  ...common
}: Common & { schema: Schema; widget: string | undefined; text: string; write: (text: string) => void }) {
  if (schema.format === 'date-time')
    return (
      <input
        {...common}
        type="datetime-local"
        value={text === '' ? '' : localOf(text)}
        onChange={({ target }) => write(target.value === '' ? '' : new Date(target.value).toISOString())}
      />
    );
  if (widget === 'textarea' || (schema.maxLength ?? 0) > ONE_LINE)
    return (
      <textarea
        {...common}
        rows={3}
        value={text}
        maxLength={schema.maxLength}
        onChange={({ target }) => write(target.value)}
      />
    );
  const type = { date: 'date', email: 'email', uri: 'url', phone: 'tel' }[schema.format ?? ''] ?? 'text';
  return (
    <input
      {...common}
      type={type}
      value={text}
      maxLength={schema.maxLength}
      onChange={({ target }) => write(target.value)}
    />
  );
}

/** A moment as the browser's own field writes it: local, to the minute. */
function localOf(moment: string): string {
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function YesNo({
  name,
  value,
  isNeeded,
  onChange,
  label,
}: {
  name: string;
  value: Json | undefined;
  isNeeded: boolean;
  onChange: FieldProps['onChange'];
  label: string;
}) {
  const choices = [[true, 'Yes'], [false, 'No'], ...(isNeeded ? [] : [[undefined, 'Not said'] as const])] as const;
  return (
    <div className="row" role="radiogroup" aria-label={label}>
      {choices.map(([choice, text]) => (
        <label className="check" key={text}>
          <input type="radio" name={name} checked={value === choice} onChange={() => onChange(choice)} />
          {text}
        </label>
      ))}
    </div>
  );
}

/** There is one answer only, and it has to be given. */
export function Accept({ schema, value, onChange, common }: FieldProps & { common: Common }) {
  return (
    <span className="check">
      <input
        {...common}
        type="checkbox"
        checked={value === schema.const}
        onChange={({ target }) => onChange(target.checked ? schema.const : undefined)}
      />
      {String(schema.const)}
    </span>
  );
}

/** What has no form of its own, as JSON. */
export function AsJson({
  value,
  onChange,
  ...common
}: Common & { value: Json | undefined; onChange: FieldProps['onChange'] }) {
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2));
  const [isBroken, setBroken] = useState(false);
  return (
    <>
      <textarea
        {...common}
        className="code"
        rows={4}
        placeholder="JSON"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          try {
            onChange(target.value.trim() === '' ? undefined : (JSON.parse(target.value) as Json));
            setBroken(false);
          } catch {
            setBroken(true);
          }
        }}
      />
      {isBroken ? <span className="field-error">This is not JSON yet.</span> : null}
    </>
  );
}
