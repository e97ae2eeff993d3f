import { pursuit } from '../../machines/pursuit.js';
import { gatesBetween, missingAt, requiredFor, type GateItem } from '../../machines/pursuit.gates.js';
import { PURSUIT_MOVES, PURSUIT_STAGES, proposalIdOf, versionOf } from '../../machines/pursuit.types.js';
import { xstateDriver } from '../../src/engine/core/xstate.driver.js';
import { given as instanceOf } from '../support/given.js';

const item = (key: string, more: Partial<GateItem> = {}): GateItem => ({
  key,
  label: key,
  required: true,
  wonOnly: false,
  ...more,
});
const input = {
  pursuitId: 17,
  moves: PURSUIT_MOVES as never,
  gates: {
    pink_to_red: [item('budget'), item('hint', { required: false })],
    red_to_submit: [item('pricing'), item('legal')],
    submit_to_close: [item('outcome'), item('contract', { wonOnly: true })],
  } as never,
};
const given = (state: string, context: object = {}) => instanceOf(pursuit, state, { ...input, ...context });
const done = (...keys: [string, string][]) => ({
  facts: { checklist: keys.map(([gate, item_key]) => ({ gate, item_key, is_open: false })) },
});

describe('the table of a pursuit', () => {
  const { states, transitions } = xstateDriver(pursuit).describe();
  const moves = transitions.filter(
    ({ kind, event, source }) => kind === 'event' && event !== 'delete' && source !== '',
  );

  it('has the stages of the product, and an end for what is deleted (R001-26)', () =>
    expect(states.filter(({ parent }) => parent === null).map(({ id }) => id)).toEqual([...PURSUIT_STAGES, 'deleted']));

  it('leads where the product says, everything else is an extension of tenants (R001-26)', () => {
    const own = moves.filter(({ targets, meta }) => targets.length > 0 && !('extension' in meta));
    expect(own.map(({ source, targets }) => `${source}→${targets.join()}`).sort()).toEqual(
      ['qual→pink', 'pink→red', 'pink→qual', 'red→submit', 'red→pink', 'submit→won', 'submit→lost'].sort(),
    );
  });

  it('has gates on exactly these of its edges (R001-29)', () => {
    const edges = Object.entries(PURSUIT_MOVES).flatMap(([from, targets]) => targets.map((to) => [from, to] as const));
    expect(
      edges.flatMap(([from, to]) => {
        const gates = gatesBetween(from as never, to as never);
        return gates.length === 0 ? [] : [`${from}→${to}: ${gates.join()}`];
      }),
    ).toEqual([
      'pink→red: pink_to_red',
      'red→submit: red_to_submit',
      'submit→won: submit_to_close',
      'submit→lost: submit_to_close',
    ]);
  });

  it('leads a way that skips stages through the gates in between, and lets go early or back without', () => {
    expect(gatesBetween('qual', 'submit')).toEqual(['pink_to_red', 'red_to_submit']);
    expect(gatesBetween('pink', 'won')).toEqual(['pink_to_red', 'red_to_submit', 'submit_to_close']);
    expect(gatesBetween('red', 'lost')).toEqual([]);
    expect(gatesBetween('submit', 'qual')).toEqual([]);
  });
});

describe('a gate', () => {
  it('asks for what is required, and of a loss for less (R001-32)', () => {
    const items = [item('a'), item('b', { required: false }), item('c', { wonOnly: true })];
    expect(requiredFor(items, 'won')).toEqual(['a', 'c']);
    expect(requiredFor(items, 'lost')).toEqual(['a']);
  });

  it('misses what is open, and what is not on the list at all (R001-31)', () =>
    expect(
      missingAt(
        'pink_to_red',
        ['a', 'b', 'c'],
        [
          { gate: 'pink_to_red', item_key: 'a', is_open: false },
          { gate: 'pink_to_red', item_key: 'b', is_open: true },
          { gate: 'red_to_submit', item_key: 'c', is_open: false },
        ],
      ),
    ).toEqual(['b', 'c']));

  it('keeps a pursuit in pink and says what is missing', () =>
    given('pink')
      .when({ type: 'start-red', facts: { checklist: [] } })
      .thenRefused({
        guard: 'passes',
        code: 'GATE_BLOCKED',
        data: { gate_type: 'pink_to_red', missing_items: ['budget'], required_items: ['budget'] },
      }));

  it('lets it through when the list is done', () =>
    given('pink')
      .when({ type: 'start-red', ...done(['pink_to_red', 'budget']) })
      .then({ state: 'red' }));

  it('wants a proposal sent before anything is won (R001-32)', () =>
    given('submit', { sent: [] })
      .when({ type: 'win', ...done(['submit_to_close', 'outcome'], ['submit_to_close', 'contract']) })
      .thenRefused({ guard: 'hasSentProposal', code: 'GATE_BLOCKED' }));
});

describe('submitting', () => {
  const ready = done(['red_to_submit', 'pricing'], ['red_to_submit', 'legal']);

  it('mails the newest proposal, marks it sent and tells the team, in this order (R001-39, R001-65)', () =>
    given('red', { version: 2, sent: [1] })
      .when({ type: 'submit', ...ready })
      .then({
        state: 'submit',
        phase: 'awaitingAnswer',
        effects: ['workstream.mailProposal', 'workstream.tellTeam'],
        context: { sent: [1, 2] },
      }));

  it('does not send again what was sent (R001-41)', () =>
    given('red', { version: 2, sent: [2] })
      .when({ type: 'submit', ...ready })
      .then({ state: 'submit', effects: ['workstream.mailProposal'], context: { sent: [2] } }));
});

describe('a proposal', () => {
  it('has a number that its pursuit and version make', () => {
    expect(proposalIdOf(17, 2)).toBe(170_002);
    expect(versionOf(17, 170_002)).toBe(2);
    expect(versionOf(17, 180_001)).toBeUndefined();
    expect(versionOf(17, 170_000)).toBeUndefined();
  });

  it('of another pursuit is not sent through this one', () =>
    given('qual')
      .when({ type: 'send-proposal', proposal_id: 180_001 })
      .thenRefused({ guard: 'isDraft', code: 'OTHER_PROPOSAL' }));

  it('is sent once', () =>
    given('qual', { version: 1, sent: [1] })
      .when({ type: 'send-proposal', proposal_id: 170_001 })
      .thenRefused({ guard: 'isDraft', code: 'ALREADY_SENT' }));

  it('is signed once it was sent, and only once (R001-9)', async () => {
    const sign = { type: 'sign-proposal', proposal_id: 170_001 };
    await given('submit', { sent: [1] })
      .when(sign)
      .then({ state: 'submit', effects: [], context: { signed: [1] } });
    await given('submit', { sent: [] }).when(sign).thenRefused({ guard: 'isOut', code: 'NOT_SENT' });
    await given('submit', { sent: [1], signed: [1] })
      .when(sign)
      .thenRefused({ guard: 'isOut', code: 'ALREADY_SIGNED' });
    await given('submit', { version: 2, sent: [1], void: [1] })
      .when(sign)
      .thenRefused({ guard: 'isOut', code: 'NOT_SENT' });
  });

  it('that is declared void is followed by a draft when it was the newest (R001-9)', async () => {
    const end = { type: 'void-proposal', proposal_id: 170_001 };
    await given('red', { sent: [1] })
      .when(end)
      .then({ state: 'red', effects: [], context: { version: 2, void: [1] } });
    await given('red', { version: 2, sent: [1] })
      .when(end)
      .then({ state: 'red', effects: [], context: { version: 2, void: [1] } });
    await given('red', { sent: [1], signed: [1] })
      .when(end)
      .thenRefused({ guard: 'countsUnsigned', code: 'ALREADY_SIGNED' });
    await given('red', { version: 2, void: [1] })
      .when(end)
      .thenRefused({ guard: 'countsUnsigned', code: 'PROPOSAL_VOID' });
    await given('red', { version: 2, void: [1] })
      .when({ type: 'send-proposal', proposal_id: 170_001 })
      .thenRefused({ guard: 'isDraft', code: 'PROPOSAL_VOID' });
  });

  it('that is void wins nothing (R001-32)', () =>
    given('submit', { version: 2, sent: [1], void: [1] })
      .when({ type: 'win', ...done(['submit_to_close', 'outcome'], ['submit_to_close', 'contract']) })
      .thenRefused({
        guard: 'hasSentProposal',
        code: 'GATE_BLOCKED',
        data: {
          gate_type: 'submit_to_close',
          missing_items: ['sent_proposal'],
          required_items: ['sent_proposal'],
        },
      }));
});

it('is lost for a reason that its people are told', () =>
  given('submit', { sent: [1] })
    .when({ type: 'lose', reason: 'budget', ...done(['submit_to_close', 'outcome']) })
    .then({ state: 'lost', status: 'done', effects: ['workstream.tellTeam'], context: { reasonCode: 'budget' } }));
