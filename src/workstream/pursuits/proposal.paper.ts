/** What a proposal says on paper, and the letter it travels with. */
import { inLine, toPdf } from '../../platform/document.pdf.js';
import { fill } from '../../platform/words.js';
import type { Occasion } from './proposal.occasion.js';

/** Where the document of a proposal is kept. */
export const documentKeyOf = (instanceId: string, { version }: Pick<Occasion, 'version'>): string =>
  `proposals/${instanceId}/v${version}.pdf`;

/** What the file is called at its reader's. */
export const fileNameOf = ({ pursuit_id, version }: Pick<Occasion, 'pursuit_id' | 'version'>): string =>
  `proposal-${pursuit_id}-v${version}.pdf`;

/** The document. @param at the day on it, milliseconds @throws Error when a word of it cannot be printed */
export function drawUp(occasion: Occasion, key: string, at: number): Promise<Buffer> {
  const { title, scope, value, due_date, version, estimates } = occasion;
  const text = fill(PAPER, {
    title: inLine(title),
    scope: scope === null ? null : inLine(scope),
    value,
    due_date,
    version,
    drawnUpOn: new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length),
    estimates: estimates.map(({ role, expected_hours }) => ({ role: inLine(role), expected_hours })),
  });
  return toPdf(text, { title: `Proposal: ${title}`, key, at });
}

/** The letter. @param address where the document is, when it is not enclosed */
export function letterOf({ title, version }: Occasion, address: string | null): { subject: string; text: string } {
  return { subject: inLine(fill(SUBJECT, { title, version })), text: fill(LETTER, { title, address }) };
}

const SUBJECT = `Our proposal: {{ title }}{% if version > 1 %} (version {{ version }}){% endif %}`;

const LETTER = `Hello,

{% if address %}our proposal for "{{ title }}" is here for you: {{ address }}
{% else %}please find our proposal for "{{ title }}" enclosed.
{% endif %}
We look forward to your answer.
`;

const PAPER = `# {{ title }}
Version\t{{ version }}
Drawn up on\t{{ drawnUpOn | date }}
{% if due_date %}Due\t{{ due_date | date }}
{% endif %}
{% if scope %}## Scope
{{ scope }}

{% endif %}{% if value %}## Price
Total\t{{ value | money }}

{% endif %}{% if estimates.size > 0 %}## Effort
{% for each in estimates %}{{ each.role }}\t{{ each.expected_hours | shown }} hours
{% endfor %}{% endif %}`;
