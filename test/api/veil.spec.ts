import { investment } from '../../machines/investment.js';
import { nda } from '../../machines/nda.js';
import type { Explanation } from '../../src/engine/core/driver.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { NOON } from '../support/given.js';
import { offer } from '../support/investment.js';
import { known, request } from '../support/nda.js';
import { event } from '../support/steps.js';
import { strictOrder } from '../support/toy.js';
import { engineApi, engineOnly } from './engine.app.js';

/** The notes are of the context, the stock is a fact; what is always true is judged on the notes too. */
const secretive: typeof strictOrder = {
  ...strictOrder,
  confidential: ['notes', 'stock'],
  invariants: [
    {
      name: 'isCivil',
      says: 'no note is rude',
      holds: ({ context }) => !context.notes.includes('rude') || { code: 'RUDE', data: context.notes },
    },
  ],
};

const running = engineApi(engineOnly, secretive);
const get = async (as: string, path: string) => (await running().get(as, path)).json;
const explain = async (id: string, query: string, as = 'buyer_1') =>
  get(as, `/api/instances/${id}/explain?event=${query}`);
const ANOTHER = encodeURIComponent(JSON.stringify({ text: 'another' }));
const note = (id: string, text: string) => running().send('buyer_1', id, 'note', { text });
const simulate = (as: string, id: string, ...events: object[]) =>
  running().post(as, `/api/instances/${id}/simulate`, { events });

/** An order in which this many notes stand. */
async function noted(count: number): Promise<string> {
  const id = await running().order();
  for (let each = 0; each < count; each++) await note(id, `note ${each}`);
  return id;
}
const WITHHELD = { op: 'leaf', name: 'hasRoom', params: { atMost: 2 }, ok: null, withheld: true };

describe('a condition on what is confidential', () => {
  beforeAll(() => (running().world.facts = { stock: 0, open: [], blocked: false }));

  it('is withheld from a party’s explanation, whichever way it stands, and told to those who see everything', async () => {
    const [open, full] = [await noted(0), await noted(2)];
    const asked = `note&payload=${ANOTHER}`;
    const told = await explain(open, asked);
    expect(told).toMatchObject({ verdict: 'WITHHELD', allowed: null, candidates: [{ guard: WITHHELD, taken: null }] });
    expect(told).toMatchObject({ failing: [{ name: 'hasRoom', withheld: true }], missing: [], clearedBy: [] });
    expect(await explain(full, asked)).toEqual(told);
    expect(await explain(open, asked, 'operator')).toMatchObject({
      verdict: 'SENDER_REFUSED',
      candidates: [{ guard: { ok: true } }],
    });
    expect(await explain(full, asked, 'operator')).toMatchObject({ failing: [{ reason: { code: 'TOO_MANY_NOTES' } }] });
  });

  it('takes the truth of its whole with it, but not what holds either way', async () => {
    const id = await noted(0);
    expect(await explain(id, 'pay')).toMatchObject({
      verdict: 'WITHHELD',
      candidates: [
        { guard: { op: 'and', ok: null, children: [{ ok: null, withheld: true }, { ok: true }, { ok: true }] } },
      ],
    });
    running().world.facts = { stock: 0, open: ['invoice'], blocked: false };
    const refused = (await explain(id, 'pay')) as unknown as Explanation;
    expect(refused).toMatchObject({ verdict: 'GUARDS_REFUSED', missing: ['invoice'], clearedBy: ['seller'] });
    expect(JSON.stringify(refused)).not.toContain('OUT_OF_STOCK');
    running().world.facts = { stock: 0, open: [], blocked: false };
  });

  it('is withheld from the refusal, in its words too', async () => {
    const id = await noted(2);
    const { status, json, text } = await note(id, 'another');
    expect({ status, json }).toMatchObject({
      status: 409,
      json: { code: 'WF002', explanation: { verdict: 'GUARDS_REFUSED', candidates: [{ guard: WITHHELD }] } },
    });
    expect(text).not.toContain('TOO_MANY_NOTES');
    const unpaid = await running().send('buyer_1', id, 'pay');
    expect(unpaid).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('hangs on what you may not see') },
    });
    expect(unpaid.text).not.toContain('OUT_OF_STOCK');
  });

  it('is withheld from a plan, which is the same whichever way it stands', async () => {
    const id = await noted(0);
    const plan = async (as: string) => get(as, `/api/instances/${id}/plan?goal=PAYING`);
    const told = await plan('buyer_1');
    expect(told).toMatchObject({
      verdict: 'way',
      steps: [
        { needs: [{ condition: 'isInStock', now: 'withheld', fields: [], clearedBy: [] }, { now: 'holds' }, {}] },
      ],
      undecided: ['pay: isInStock is decided on what you may not see'],
    });
    expect(JSON.stringify(told)).not.toContain('OUT_OF_STOCK');
    expect(await plan('operator')).toMatchObject({
      steps: [{ needs: [{ now: 'fails', reason: { code: 'OUT_OF_STOCK' } }, {}, {}] }],
    });
    running().world.facts = { stock: 1, open: [], blocked: false };
    expect(await plan('buyer_1')).toEqual(told);
    running().world.facts = { stock: 0, open: [], blocked: false };
  });

  it('ends a simulation of a party before it says anything, and shows no parameters of effects', async () => {
    const [open, full] = [await noted(0), await noted(2)];
    const tried = { type: 'note', payload: { text: 'another' } };
    const { json } = await simulate('buyer_1', open, tried, { type: 'cancel' });
    expect(json).toMatchObject({ steps: [], refused: { event: 'note', verdict: 'WITHHELD', allowed: null } });
    expect((await simulate('buyer_1', full, tried, { type: 'cancel' })).json['refused']).toEqual(json['refused']);
    expect((await simulate('operator', open, tried)).json).toMatchObject({ steps: [{ event: 'note' }] });
    const effects = async (as: string) => (await simulate(as, open, { type: 'cancel' })).json['steps'];
    expect(await effects('buyer_1')).toMatchObject([{ effects: [{ kind: 'command', type: 'shop.notify' }] }]);
    expect(JSON.stringify(await effects('buyer_1'))).not.toContain('params');
    expect(await effects('operator')).toMatchObject([{ effects: [{ params: { template: 'cancelled' } }] }]);
  });

  it('is not told by what is always true, nor by a decision that threw', async () => {
    const id = await noted(0);
    const { json, text } = await note(id, 'rude');
    expect(json).toMatchObject({ code: 'INVARIANT_BROKEN', invariants: [] });
    expect(text).not.toMatch(/RUDE|no note/);
    const failure = `/api/instances/${id}/failure`;
    expect(await get('buyer_1', failure)).toMatchObject({ data: { type: 'note', error: { message: 'withheld' } } });
    expect(await get('operator', failure)).toMatchObject({
      data: { error: { message: expect.stringContaining('no note is rude') } },
    });
  });
});

describe('the lifecycles of the product', () => {
  const veilOf = ({ confidential = [] }: { confidential?: readonly string[] }) => new Set(confidential);
  const stamp = { at: NOON, caller: { id: 'usr_1', roles: [] }, facts: {} };
  const placed = async (lifecycle: typeof investment | typeof nda, input: object, state: string) => {
    const driver = xstateDriver(lifecycle);
    const { snapshot } = await driver.start({ instanceId: 'wf_1', tenant: 'acme', at: NOON, ...input });
    const forced = await driver.force(snapshot, state, event('given', stamp), { suppressEffects: true });
    return { driver, snapshot: forced.snapshot };
  };

  it('keep what an investor could still give from a creator who tries counter-offers (R000-33)', async () => {
    const { driver, snapshot } = await placed(investment, offer, 'NEGOTIATION');
    const counter = event('creator-decision', { ...stamp, decision: 'counter', counterAmount: 1 });
    expect(driver.explain(snapshot, counter, veilOf(investment)).verdict).toBe('WITHHELD');
    expect(driver.looksBehind(snapshot, counter, veilOf(investment))).toBe(true);
    const approve = event('creator-decision', { ...stamp, decision: 'approve' });
    expect(driver.explain(snapshot, approve, veilOf(investment))).toMatchObject({ verdict: 'ALLOWED', allowed: true });
    expect(driver.looksBehind(snapshot, approve, veilOf(investment))).toBe(false);
  });

  it('keep the scorecard from a requester who tries records of his own (R000-71)', async () => {
    const { driver, snapshot } = await placed(nda, request, 'PENDING');
    const looked = event('xstate.done.actor.assessment', { ...stamp, output: known });
    expect(driver.looksBehind(snapshot, looked, veilOf(nda))).toBe(true);
    expect(driver.looksBehind(snapshot, event('xstate.error.actor.assessment', stamp), veilOf(nda))).toBe(false);
  });
});
