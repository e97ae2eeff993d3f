import type { Fields, Schema } from './schema.js';
import { Field } from './field.js';
import { hiddenFields, isFields, type UiSchema } from './values.js';

interface Shown {
  schema: Schema;
  ui?: UiSchema;
  values: Fields;
  onChange: (values: Fields) => void;
  /** What is wrong with a field, by its path. */
  messages?: Readonly<Record<string, string>>;
  /** Told apart from other forms of the page. */
  name: string;
}

/** A form made from a JSON schema. What fits is for the service to say; here only the shape is asked for. */
export function SchemaForm({ schema, ui = {}, values, onChange, messages = {}, name }: Shown) {
  const { properties = {}, required = [] } = schema;
  const hidden = hiddenFields(ui, values);
  const shown = Object.entries(properties).filter(([field]) => !hidden.has(field));
  if (shown.length === 0) return <p className="quiet">Nothing has to be filled in.</p>;
  return (
    <div className="stack form">
      {shown.map(([field, each]) => {
        const look = ui[field];
        return (
          <Field
            key={field}
            id={`${name}-${field}`}
            path={field}
            schema={each}
            widget={isFields(look) && typeof look['ui:widget'] === 'string' ? look['ui:widget'] : undefined}
            isNeeded={required.includes(field)}
            value={values[field]}
            messages={messages}
            onChange={(value) => {
              const { [field]: _, ...others } = values;
              onChange(value === undefined ? others : { ...others, [field]: value });
            }}
          />
        );
      })}
    </div>
  );
}
