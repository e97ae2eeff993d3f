/** Writes XML: the only place that knows how to make a text harmless in it. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** `<name a="1">…</name>`. Attributes that are undefined are left out; children are XML already, see `text`. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${text(String(value))}"`,
  );
  const opened = `<${name}${written.join('')}`;
  return children.length === 0 ? `${opened}/>` : `${opened}>${children.join('')}</${name}>`;
}

/** Any text, for the inside of an element or an attribute; characters that XML cannot hold are left out. */
export const text = (anything: string): string =>
  [...anything]
    .filter(isAllowed)
    .map((character) => ENTITIES.get(character) ?? character)
    .join('');

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** The production `Char` of XML 1.0, without the line breaks, which attributes would not keep. */
function isAllowed(character: string): boolean {
  const codePoint = character.codePointAt(0) ?? 0;
  return (
    (codePoint >= 0x20 && codePoint <= 0xd7ff) || (codePoint >= 0xe000 && codePoint <= 0xfffd) || codePoint >= 0x10000
  );
}
