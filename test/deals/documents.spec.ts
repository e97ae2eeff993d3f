import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INVESTMENT_TYPES, draftTerms } from '../../machines/investment.terms.js';
import type { Role } from '../../src/auth/caller.js';
import { print, termsFile, type Occasion } from '../../src/deals/investment/investment.documents.js';
import type { DocumentList } from '../../src/deals/documents.dto.js';
import type { StoredEnvelope } from '../../src/integrations/sandbox/docusign/envelopes.js';
import { Config } from '../../src/platform/config.js';
import { dealsService } from '../support/deals.js';

const occasion: Occasion = {
  dealId: 'deal_1',
  pitchTitle: 'The Last Reel',
  investorName: 'Łucja Žižka',
  creatorName: 'Ελένη Иванова',
  at: Date.UTC(2026, 2, 1),
};
const order = (key: string) => ({ key, title: 'Paper', terms: draftTerms('equity', 250_000_00, occasion.at) });

describe('documents of an investment', () => {
  it.each(INVESTMENT_TYPES)('say all terms of an investment of kind %s, as data too (R000-35)', async (type) => {
    const terms = draftTerms(type, 1_234_567_00, occasion.at);
    const sheet = { key: 'term-sheets/deal_1.json', title: 'Term sheet', terms };
    const [data] = termsFile(sheet);
    expect(JSON.parse(String(data?.bytes))).toEqual(terms);
    const { key, contentType, bytes } = await print(sheet, occasion);
    expect({ key, contentType }).toEqual({ key: 'term-sheets/deal_1.pdf', contentType: 'application/pdf' });
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it.each([
    'term-sheets/deal_1.json',
    'closing/deal_1/investmentAgreement.pdf',
    'closing/deal_1/sharesCertificate.pdf',
  ])('are the same to the byte when %s is drawn up again, and others on other terms (R000-42)', async (key) => {
    const [first, second] = await Promise.all([print(order(key), occasion), print(order(key), occasion)]);
    expect(first.bytes.equals(second.bytes)).toBe(true);
    const other = await print({ ...order(key), terms: draftTerms('debt', 250_000_00, occasion.at) }, occasion);
    expect(other.bytes.equals(first.bytes)).toBe(false);
  });

  it('print no boxes where a name should be, and leave pictures out', async () => {
    const tax = { key: 'closing/deal_1/taxForms.pdf', title: 'Tax forms', terms: null };
    await expect(print(tax, { ...occasion, creatorName: '王芳' })).rejects.toThrow('no font of ours has "王"');
    const [plain, decorated] = await Promise.all(
      ['The Last Reel', '🎬 The Last Reel\n# Void'].map((pitchTitle) => print(tax, { ...occasion, pitchTitle })),
    );
    expect(decorated?.bytes.length).toBeGreaterThan(plain?.bytes.length ?? Infinity);
  });
});

describe('the documents of a deal', () => {
  const deals = dealsService();
  const at = (id: string, name = '') => `/api/workflows/investment/${id}/documents${name && `/${name}`}`;

  const download = async (role: Role, path: string) => {
    const { url, app } = deals.live;
    const authorization = `Bearer ${app.get(Config).sandboxKeys[role]}`;
    const response = await fetch(`${url}${path}`, { headers: { authorization } });
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const envelopesOf = async (id: string) => {
    const envelopes = (await (await fetch(`${deals.live.sandbox.url}/_sandbox/envelopes`)).json()) as StoredEnvelope[];
    return envelopes.filter(({ customFields }) => customFields.textCustomFields.some(({ value }) => value === id));
  };
  const signing = async () => {
    const id = await deals.inTermSheet();
    return { id, dealId: String((await deals.read(id)).keys['dealId']) };
  };

  it('are listed for the parties and downloaded as they were sent for signature (R000-35)', async () => {
    const { id, dealId } = await signing();
    const { body } = await deals.call<DocumentList>('investor', 'GET', at(id));
    expect(body.data.map(({ key, name, contentType }) => ({ key, name, contentType }))).toEqual([
      { key: `term-sheets/${dealId}.json`, name: `${dealId}.json`, contentType: 'application/json' },
      { key: `term-sheets/${dealId}.pdf`, name: `${dealId}.pdf`, contentType: 'application/pdf' },
    ]);
    for (const { name, size, sha256, contentType } of body.data) {
      const { status, headers, bytes } = await download('creator', at(id, name));
      expect(status).toBe(200);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      expect(bytes.length).toBe(size);
      expect(headers.get('content-type')).toBe(contentType);
      expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}"`);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('private, no-store');
    }
    const [envelope] = await envelopesOf(id);
    const paper = body.data.find(({ contentType }) => contentType === 'application/pdf');
    expect(envelope?.documents).toEqual([{ name: 'Term sheet', fileExtension: 'pdf', sha256: paper?.sha256 }]);
  });

  it('are nobody else’s to see, by whatever name', async () => {
    const { id, dealId } = await signing();
    expect(await deals.call('production', 'GET', at(id))).toMatchObject({ status: 404, body: { code: 'WF001' } });
    expect((await download('production', at(id, `${dealId}.pdf`))).status).toBe(404);
    for (const name of ['other.pdf', '..%2f..%2fsecrets.json', '%2e%2e', `term-sheets%2f${dealId}.pdf`]) {
      const { status, bytes } = await download('investor', at(id, name));
      expect({ name, problem: JSON.parse(String(bytes)) }).toEqual({
        name,
        problem: expect.objectContaining({
          status,
          code: expect.stringMatching(/^(NOT_FOUND|ROUTE_NOT_FOUND|MALFORMED_REQUEST|WF006)$/),
        }),
      });
    }
  });

  it('end in signatures collected by hand when a document cannot be drawn up (WF009, R000-84)', async () => {
    await deals.call('admin', 'PUT', `/admin/pitches/${deals.pitchId}`, {
      title: '最后一卷',
      creatorId: 'creator_789',
    });
    const { id } = await signing();
    const { rows } = await deals.owner.query<{ last_error: object }>(
      `select last_error from engine.outbox where instance_id = $1 and type = 'docusign.envelope'`,
      [id],
    );
    expect(rows).toEqual([{ last_error: expect.objectContaining({ code: 'WF009' }) }]);
    expect(await deals.read(id)).toMatchObject({ state: 'TERM_SHEET', phase: expect.stringMatching(/^manual/) });
    expect(await envelopesOf(id)).toEqual([]);
  });

  it('are refused when the store no longer has what was kept (WF009)', async () => {
    const { id, dealId } = await signing();
    const folder = join(deals.live.app.get(Config).dataDir, 'documents', 'demo', 'term-sheets');
    expect(readdirSync(folder).filter((name) => name.startsWith(dealId))).toEqual([`${dealId}.json`, `${dealId}.pdf`]);
    writeFileSync(join(folder, `${dealId}.pdf`), 'tampered with');
    const { status, bytes } = await download('investor', at(id, `${dealId}.pdf`));
    expect(status).toBe(500);
    expect(JSON.parse(String(bytes))).toMatchObject({ code: 'WF009' });
  });

  it('are drawn up at closing for both parties (R000-42)', async () => {
    const id = await deals.inEscrow();
    await deals.deal(id).pay();
    const { body } = await deals.call<DocumentList>('creator', 'GET', at(id));
    expect(body.data.map(({ name }) => name).slice(2)).toEqual([
      'investmentAgreement.pdf',
      'sharesCertificate.pdf',
      'taxForms.pdf',
    ]);
    expect((await envelopesOf(id)).at(-1)?.documents.map(({ sha256 }) => sha256)).toEqual(
      body.data.slice(2).map(({ sha256 }) => sha256),
    );
  });
});
