/** The letters of drips: words of ours, with the tenant's own message in them as it is. */
import { inLine } from '../../platform/document.pdf.js';
import { fill } from '../../platform/words.js';

interface Words {
  /** What it is for, for those who choose. */
  description: string;
  subject: string;
  text: string;
}

const WORDS = {
  check_in: {
    description: 'Asks whether the matter has become current.',
    subject: 'Is "{{ title }}" current by now?',
    text: `Hello,

some time ago we talked about "{{ title }}". Has it become current by now?
{% if message %}
{{ message }}
{% endif %}
A short answer is enough, also when it is a no.
`,
  },
  follow_up: {
    description: 'Follows up on what was talked about.',
    subject: 'About {{ title }}',
    text: `Hello,

we would like to go on with "{{ title }}" when you are ready.
{% if message %}
{{ message }}
{% endif %}
We look forward to your answer.
`,
  },
  news: {
    description: 'Tells something that is new, in the words of the message.',
    subject: 'News about {{ title }}',
    text: `Hello,

there is something new that may matter for "{{ title }}".
{% if message %}
{{ message }}
{% endif %}
We look forward to hearing from you.
`,
  },
} as const satisfies Record<string, Words>;

/** A template by its name. */
export type DripTemplateId = keyof typeof WORDS;
/** Every template. */
export const DRIP_TEMPLATES = Object.keys(WORDS) as DripTemplateId[];

/** What a template is for. */
export const purposeOf = (template: DripTemplateId): string => WORDS[template].description;

/** A letter with its words. */
export function dripLetterOf(
  template: DripTemplateId,
  { title, message }: { title: string; message: string | null },
): { subject: string; text: string } {
  const { subject, text } = WORDS[template];
  return { subject: inLine(fill(subject, { title })), text: fill(text, { title, message }) };
}
