import { envelope, hold, newRun, output, stage } from './sandbox.js';

const DAY_MS = 86_400_000;
const current = stage();
const advance = (days: number) => current().post<{ lapsed: string[] }>('clock', { advanceMs: days * DAY_MS });
/** A hold on the card that the payer has entered. */
async function held(): Promise<string> {
  const transactionId = await hold(current());
  await current().post(`stripe/payment_intents/${transactionId}/confirm`);
  return transactionId;
}
const statusOf = async (id: string) => output(await current().stripe().getIntent(id)).status;

describe('the clock of the stand-ins', () => {
  it('lets holds on cards lapse after seven days, and tells of it (R000-81)', async () => {
    const transactionId = await held();
    expect((await advance(6.9)).lapsed).toEqual([]);
    expect(await statusOf(transactionId)).toBe('requires_capture');
    expect((await advance(0.2)).lapsed).toEqual([transactionId]);
    expect(await statusOf(transactionId)).toBe('canceled');
    expect(await current().webhooks()).toContain('payment_intent.canceled');
  });

  it('lets envelopes expire when nobody has signed in time, which DocuSign calls voided', async () => {
    const envelopeId = await envelope(current(), 'term-sheet');
    expect((await advance(6)).lapsed).toEqual([]);
    expect((await advance(2)).lapsed).toEqual([envelopeId]);
    expect(output(await current().docusign().getEnvelope(envelopeId))).toMatchObject({ status: 'voided' });
  });

  it('goes on from where it was after a restart, so that what is made then has its full time', async () => {
    await advance(100);
    await current().restart();
    const transactionId = await held();
    expect((await advance(1)).lapsed).toEqual([]);
    expect(await statusOf(transactionId)).toBe('requires_capture');
    output(await current().stripe().cancelHold(transactionId, newRun()));
  });

  it('does not go back', async () => {
    expect(await advance(-1)).toEqual({ sandbox: 'advanceMs must be a whole number of milliseconds ahead' });
  });
});
