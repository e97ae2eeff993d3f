import type { NdaDocument } from '../../../machines/nda.types.js';
import { fill } from '../../platform/words.js';
import { inLine, toPdf } from '../../platform/document.pdf.js';
import type { NewDocument } from '../documents.js';
import type { NdaDetails } from './nda.entity.js';

const AGREEMENT = `# {{ title }}
Pitch\t{{ pitchTitle }}
NDA\t{{ ndaId }}
Drawn up on\t{{ drawnUpOn | date }}

## Parties
Recipient\t{{ requesterName }}
Discloser\t{{ creatorName }}

## Agreement
1. The discloser lets the recipient see confidential material about the pitch named above.
2. The recipient keeps it secret, uses it only to decide about the pitch, and shows it to nobody who is not bound in the same way.
3. What is public, what the recipient knew before, and what a court orders to be disclosed is not covered.
4. The agreement takes effect with the recipient’s signature and binds for {{ durationMonths }} months. Access to the material ends with it.

## Terms
Territories\t{{ territories }}
{% for term in terms %}{{ term.name }}\t{{ term.value }}
{% endfor %}
## Signature
~ {{ requesterName }}, recipient
`;

/** The agreement as data, with who agrees on it (R000-74). Its terms name the risk, which is for those who see everything. */
export const asData = ({ key, title, terms }: NdaDocument, nda: NdaDetails): NewDocument => ({
  key,
  title: `${title} (data)`,
  contentType: 'application/json',
  isInner: true,
  bytes: Buffer.from(
    JSON.stringify({
      ndaId: nda.id,
      pitch: { id: nda.pitch_id, title: nda.pitch_title },
      parties: {
        requester: { id: nda.requester_id, type: nda.requester_type, name: nda.requester_name },
        creator: { id: nda.creator_id, name: nda.creator_name },
      },
      terms,
    }),
  ),
});

/** The agreement on paper, under its key with `.pdf`. @throws Error when it cannot be drawn up; trying again changes nothing */
export async function onPaper({ key, title, terms }: NdaDocument, nda: NdaDetails, at: number): Promise<NewDocument> {
  const pitchTitle = inLine(nda.pitch_title ?? nda.pitch_id);
  const text = fill(AGREEMENT, {
    title,
    pitchTitle,
    ndaId: nda.id,
    drawnUpOn: new Date(at).toISOString().slice(0, 'yyyy-mm-dd'.length),
    requesterName: inLine(nda.requester_name),
    creatorName: inLine(nda.creator_name ?? nda.creator_id),
    durationMonths: terms.durationMonths,
    territories: terms.territories.join(', ') || 'all',
    terms: Object.entries(terms.customTerms).map(([name, value]) => ({
      name: inLine(name),
      value: inLine(String(value)),
    })),
  });
  const paper = key.replace(/\.json$/, '.pdf');
  const bytes = await toPdf(text, { title: `${title}: ${pitchTitle}`, key: paper, at });
  return { key: paper, title, contentType: 'application/pdf', bytes };
}
