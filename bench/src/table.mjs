/** Tables in Markdown whose columns line up, so that a terminal shows them as well. Pure. */

/** @param {readonly string[]} headings @param {readonly (readonly string[])[]} rows */
export function table(headings, rows) {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column].length), 3),
  );
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** A number with three digits that count: 0.0437, 1.23, 45.6, 7,890. What was not measured is a dash. @param {number | undefined} value */
export function figure(value) {
  if (value === undefined) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}

/** Why there is no figure. @param {string | undefined} reason */
export const absent = (reason) => (reason === undefined ? 'not measured' : `not run: ${reason}`);

/**
 * One row for each that was measured, or could not be; what was not asked for is left out. Empty when nothing is left.
 * @param {import('./stats.mjs').Book} book @param {readonly string[]} headings @param {readonly (readonly [string, string])[]} named
 *   name in the book and what it is called here @param {(name: string) => string[]} cells of the other columns
 */
export function measured(book, headings, named, cells) {
  const rows = named.flatMap(([name, label]) => {
    if (book.has(name)) return [[label, ...cells(name)]];
    const reason = book.reason(name);
    return reason === undefined ? [] : [[label, absent(reason), ...headings.slice(2).map(() => '–')]];
  });
  return rows.length === 0 ? '' : table(headings, rows);
}
