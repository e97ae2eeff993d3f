/** Words with holes: templates of ours, filled with anybody's data, in the reader's locale. */
import { Liquid } from 'liquidjs';

/** The locale of everybody whose own is not known. */
export const DEFAULT_LOCALE = 'en-US';

// Templates are ours, data is anybody's: data is only ever printed, and a mistake costs an error, not the process.
const liquid = new Liquid({
  ownPropertyOnly: true,
  strictVariables: true,
  strictFilters: true,
  /** Characters. */
  parseLimit: 100_000,
  /** Milliseconds of one rendering. */
  renderLimit: 1_000,
  /** Characters and items put together while rendering. */
  memoryLimit: 1_000_000,
});

liquid.registerFilter('money', function (decimal: unknown) {
  return money(decimal, localeOf(this.context.globals));
});
liquid.registerFilter('date', function (moment: unknown) {
  return date(String(moment), localeOf(this.context.globals));
});
liquid.registerFilter('label', (name: unknown) => label(String(name)));
liquid.registerFilter('shown', function (value: unknown) {
  return shown(value, localeOf(this.context.globals));
});

/**
 * The template with its holes filled. Filters: `money` for decimal amounts of US dollars, `date` for ISO days and times,
 * `label` for the name of a field, `shown` for a value whose kind is told by how it looks.
 * @throws Error when the data lacks something the template prints, or a limit is passed
 */
export const fill = (template: string, data: Readonly<Record<string, unknown>>, locale = DEFAULT_LOCALE): string =>
  String(liquid.parseAndRenderSync(template, data, { globals: { locale } }));

const money = (decimal: unknown, locale: string): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD' }).format(Number(decimal));

/** Days have no time; times are told in UTC, because nobody's zone is known. */
function date(moment: string, locale: string): string {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return moment;
  if (DAY.test(moment)) return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
  const text = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(at);
  return `${text} UTC`;
}

/** `reviewDeadline` as `Review deadline`. */
function label(name: string): string {
  const words = name.replaceAll(
    /([a-z\d])([A-Z])/g,
    (_, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function shown(value: unknown, locale: string): string {
  if (Array.isArray(value)) return value.map((item: unknown) => shown(item, locale)).join(', ');
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return new Intl.NumberFormat(locale, { maximumFractionDigits: 4 }).format(value);
  const text = String(value);
  if (AMOUNT.test(text)) return money(text, locale);
  return DAY.test(text) || TIME.test(text) ? date(text, locale) : text;
}

const AMOUNT = /^\d+\.\d\d$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

const localeOf = (globals: object): string =>
  'locale' in globals && typeof globals.locale === 'string' ? globals.locale : DEFAULT_LOCALE;
