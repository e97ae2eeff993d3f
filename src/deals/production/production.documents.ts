import { toDecimal, toTimestamp } from '../../../machines/investment.terms.js';
import type { ContractOrder, ProposalRecord, ProposalTerms } from '../../../machines/production.types.js';
import { fill } from '../../platform/words.js';
import { inLine, toPdf } from '../../platform/document.pdf.js';
import type { NewDocument } from '../documents.js';

/** Who contracts with whom about which pitch. */
export interface Occasion {
  dealId: string;
  pitchTitle: string;
  companyName: string;
  creatorName: string;
  /** The day the contract is drawn up, milliseconds. */
  at: number;
}

const TITLE = 'Production agreement';

/** The proposal as data (R000-54). */
export const proposalData = ({ key, dealId, proposalDocumentKey, terms, submittedAt }: ProposalRecord): NewDocument =>
  json(key, 'Proposal', { dealId, proposalDocumentKey, terms: shown(terms), submittedAt: toTimestamp(submittedAt) });

/** The contract as data (R000-60). */
export const contractData = ({ key, terms }: ContractOrder, { at, ...parties }: Occasion): NewDocument =>
  json(key, `${TITLE} (data)`, { ...parties, drawnUpAt: toTimestamp(at), terms: shown(terms) });

/** The contract on paper, under its key with `.pdf`. @throws Error when it cannot be drawn up; trying again changes nothing */
export async function contractPaper({ key, terms }: ContractOrder, occasion: Occasion): Promise<NewDocument> {
  const text = fill(CONTRACT, {
    ...Object.fromEntries(Object.entries(occasion).map(([name, value]) => [name, inLine(String(value))])),
    title: TITLE,
    drawnUpOn: new Date(occasion.at).toISOString().slice(0, 'yyyy-mm-dd'.length),
    terms: Object.entries(shown(terms)).flatMap(([name, value]) =>
      value === null
        ? []
        : [{ name, value: typeof value === 'string' ? inLine(value) : value, unit: UNITS[name] ?? '' }],
    ),
  });
  const paper = key.replace(/\.json$/, '.pdf');
  const bytes = await toPdf(text, { title: `${TITLE}: ${occasion.pitchTitle}`, key: paper, at: occasion.at });
  return { key: paper, title: TITLE, contentType: 'application/pdf', bytes };
}

const CONTRACT = `# {{ title }}
Pitch\t{{ pitchTitle }}
Deal\t{{ dealId }}
Drawn up on\t{{ drawnUpOn | date }}

## Parties
Production company\t{{ companyName }}
Creator\t{{ creatorName }}

## Agreement
1. The creator grants the production company the rights described below in the pitch named above.
2. The production company produces the pitch on the terms below.
3. The agreement takes effect when both parties have signed it.

## Terms
{% for term in terms %}{{ term.name | label }}\t{{ term.value | shown }} {{ term.unit }}
{% endfor %}
## Signatures
~ {{ companyName }}, production company
~ {{ creatorName }}, creator
`;

const UNITS: Readonly<Record<string, string>> = { backendPoints: '%' };

/** Terms as people read them: the budget in dollars. */
function shown(terms: ProposalTerms | null): Record<string, string | number | null> {
  if (terms === null) return {};
  const { budgetMinor, ...others } = terms;
  return { budget: toDecimal(budgetMinor), ...others };
}

const json = (key: string, title: string, content: object): NewDocument => ({
  key,
  title,
  contentType: 'application/json',
  bytes: Buffer.from(JSON.stringify(content)),
});
