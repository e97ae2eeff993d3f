import type { ReactNode } from 'react';
import type { Json, Schema } from './schema.js';
import { inWords } from '../words.js';
import { Accept, AsJson, Text, YesNo } from './controls.js';
import { isFields } from './values.js';

export interface FieldProps {
  id: string;
  /** Where it stands in the form: `terms.amount`. */
  path: string;
  schema: Schema;
  widget?: string | undefined;
  isNeeded: boolean;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  messages: Readonly<Record<string, string>>;
}

/** One field of a form, by its schema. */
export function Field(props: FieldProps) {
  const { schema, path, id, isNeeded, messages } = props;
  const title = schema.title ?? inWords(path.split('.').at(-1) ?? path);
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  if (type === 'object' && schema.properties) return <Group {...props} title={title} />;
  const isChoice = type === 'boolean' && schema.const === undefined && !schema.readOnly;
  const message = messages[path];
  const described = [schema.description && `${id}-help`, message && `${id}-message`].filter(Boolean).join(' ');
  const name = (
    <>
      {title}
      {isNeeded ? (
        <span className="needed" aria-hidden="true">
          {' *'}
        </span>
      ) : null}
    </>
  );
  const inside = (
    <>
      {schema.description ? (
        <span className="field-help" id={`${id}-help`}>
          {schema.description}
        </span>
      ) : null}
      <Control {...props} type={type} described={described || undefined} title={title} />
      {message === undefined ? null : (
        <span className="field-error" id={`${id}-message`} role="alert">
          {message}
        </span>
      )}
    </>
  );
  return isChoice ? (
    <fieldset aria-describedby={described || undefined}>
      <legend>{name}</legend>
      {inside}
    </fieldset>
  ) : (
    <div className="field">
      <label className="field-name" htmlFor={id}>
        {name}
      </label>
      {inside}
    </div>
  );
}

interface ControlProps extends FieldProps {
  type: string | undefined;
  described: string | undefined;
  title: string;
}

function Control(props: ControlProps) {
  const { id, schema, type, widget, value, onChange, isNeeded, described, path, messages, title } = props;
  const common = {
    id,
    'aria-describedby': described,
    'aria-invalid': messages[path] === undefined ? undefined : true,
    'aria-required': isNeeded,
  };
  const text = value === undefined || value === null ? '' : String(value);
  const write = (next: string) => onChange(next === '' ? undefined : next);
  if (schema.readOnly)
    return <textarea {...common} readOnly rows={Math.min(8, text.split('\n').length)} value={text} />;
  if (schema.const !== undefined) return <Accept {...props} common={common} />;
  if (schema.enum)
    return (
      <select
        {...common}
        value={text}
        onChange={({ target }) => onChange(schema.enum?.find((each) => String(each) === target.value))}
      >
        <option value="">{isNeeded ? 'Choose…' : '—'}</option>
        {schema.enum.map((each) => (
          <option key={String(each)} value={String(each)}>
            {String(each)}
          </option>
        ))}
      </select>
    );
  switch (type) {
    case 'boolean':
      return <YesNo name={id} value={value} isNeeded={isNeeded} onChange={onChange} label={title} />;
    case 'number':
    case 'integer':
      return (
        <input
          {...common}
          type="number"
          step={type === 'integer' ? 1 : 'any'}
          value={text}
          onChange={({ target }) => onChange(target.value === '' ? undefined : Number(target.value))}
        />
      );
    case 'string':
      return <Text {...common} schema={schema} widget={widget} text={text} write={write} />;
    case 'array':
      if (schema.items?.type === 'string' && !schema.items.enum)
        return (
          <textarea
            {...common}
            rows={3}
            placeholder="One on each line"
            value={Array.isArray(value) ? value.join('\n') : ''}
            onChange={({ target }) => onChange(target.value === '' ? undefined : target.value.split('\n'))}
          />
        );
      return <AsJson {...common} value={value} onChange={onChange} />;
    default:
      return <AsJson {...common} value={value} onChange={onChange} />;
  }
}

/** Fields inside a field. */
function Group({ id, path, schema, value, onChange, messages, title }: FieldProps & { title: string }): ReactNode {
  const inside = isFields(value) ? value : {};
  return (
    <fieldset>
      <legend>{title}</legend>
      <div className="stack">
        {Object.entries(schema.properties ?? {}).map(([name, each]) => (
          <Field
            key={name}
            id={`${id}-${name}`}
            path={`${path}.${name}`}
            schema={each}
            isNeeded={schema.required?.includes(name) ?? false}
            value={inside[name]}
            messages={messages}
            onChange={(next) => {
              const { [name]: _, ...others } = inside;
              onChange(next === undefined ? others : { ...others, [name]: next });
            }}
          />
        ))}
      </div>
    </fieldset>
  );
}
