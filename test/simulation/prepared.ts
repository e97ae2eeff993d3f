/** Statements that a session keeps under a name: they are planned once, not each time. */

const names = new Map<string, string>();

/** The arguments of a query with parameters, naming its text; any other query is as it was. */
export function prepared(args: readonly unknown[]): readonly unknown[] {
  const [text, values] = args;
  if (typeof text !== 'string' || !Array.isArray(values)) return args;
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `s${names.size + 1}`));
  return [{ name, text, values: values as unknown[] }];
}
