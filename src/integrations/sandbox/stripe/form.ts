/** A form as Stripe's libraries send it: `metadata[deal]=7&expand[0]=charge`. */
export interface Form {
  [name: string]: FormValue;
}
export type FormValue = string | Form | FormValue[];

/** Reads a form body or a query. */
export function decodeForm(encoded: URLSearchParams): Form {
  const root: Form = {};
  for (const [name, value] of encoded) {
    const path = name.replaceAll(']', '').split('[');
    const last = path.pop() ?? name;
    let place = root;
    for (const step of path) {
      const next = place[step];
      place = typeof next === 'object' && !Array.isArray(next) ? next : (place[step] = {});
    }
    // `expand[]=…` numbers itself.
    place[last === '' ? String(Object.keys(place).length) : last] = value;
  }
  return Object.fromEntries(Object.entries(root).map(([name, value]) => [name, withArrays(value)]));
}

/** Fields named 0, 1, 2… are a list. */
function withArrays(value: FormValue): FormValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  const isList = entries.length > 0 && entries.every(([name], index) => name === String(index));
  if (isList) return entries.map(([, item]) => withArrays(item));
  return Object.fromEntries(entries.map(([name, item]) => [name, withArrays(item)]));
}
