/** Holds our books of an investment against those of its providers. Pure. */

/** An effect of ours that leaves something at a provider, as the outbox remembers it. */
export interface OurEffect {
  type: string;
  key: string;
  status: string;
  params: object;
  result: object | null;
}

/** Something that exists at a provider. */
export interface TheirObject {
  kind: 'payment' | 'transfer' | 'refund' | 'reversal' | 'envelope';
  id: string;
  /** The effect it was made for, where the provider can tell. */
  effectKey?: string | undefined;
  amountMinor?: number;
  status?: string | null;
}

/** What the deal itself says. */
export interface OurDeal {
  isOver: boolean;
  transferId: string | null;
}

/** What each effect leaves at a provider, and under which name its result has the id. */
const LEAVES: Readonly<Record<string, { kind: TheirObject['kind']; idName: string }>> = {
  'stripe.hold': { kind: 'payment', idName: 'transactionId' },
  'stripe.transfer': { kind: 'transfer', idName: 'transferId' },
  'stripe.refund': { kind: 'refund', idName: 'refundId' },
  // Money from a bank account is released by paying it back.
  'stripe.release': { kind: 'refund', idName: 'refundId' },
  'stripe.reverse': { kind: 'reversal', idName: 'reversalId' },
  'docusign.envelope': { kind: 'envelope', idName: 'envelopeId' },
};
const UNFINISHED: ReadonlySet<string> = new Set(['pending', 'claimed']);

/** Types of the effects that leave something behind. */
export const LEAVING: readonly string[] = Object.keys(LEAVES);

/** Every difference, in a sentence. What is still being worked on is none. */
export function differences(deal: OurDeal, effects: readonly OurEffect[], objects: readonly TheirObject[]): string[] {
  const made = effects.flatMap((effect) => madeBy(effect));
  const busy = effects.filter(({ type, status }) => type in LEAVES && UNFINISHED.has(status));
  const isBusy = ({ kind, effectKey }: TheirObject): boolean =>
    busy.some(({ type, key }) => LEAVES[type]?.kind === kind && (effectKey === undefined || effectKey === key));
  const unknown = objects.filter((object) => !made.some(({ id }) => id === object.id) && !isBusy(object));
  return [
    ...made.flatMap((ours) => compare(ours, objects)),
    ...unknown.map(({ kind, id }) => `${kind} ${id} exists at the provider and is unknown here`),
    ...objects.filter(({ kind }) => kind === 'payment').flatMap((payment) => statusOf(payment, deal, effects)),
    ...transferOf(deal, made),
  ];
}

interface Made {
  kind: TheirObject['kind'];
  id: string;
  amountMinor: number | undefined;
}

function madeBy({ type, status, params, result }: OurEffect): Made[] {
  const leaves = LEAVES[type];
  const id = leaves && read(result, leaves.idName);
  if (!leaves || status !== 'done' || typeof id !== 'string') return [];
  const amountMinor = read(params, 'amountMinor');
  return [{ kind: leaves.kind, id, amountMinor: typeof amountMinor === 'number' ? amountMinor : undefined }];
}

function compare({ kind, id, amountMinor }: Made, objects: readonly TheirObject[]): string[] {
  const theirs = objects.find((object) => object.id === id);
  if (!theirs) return [`${kind} ${id} is known here and does not exist at the provider`];
  const isEqual = amountMinor === undefined || theirs.amountMinor === undefined || amountMinor === theirs.amountMinor;
  return isEqual ? [] : [`${kind} ${id} is over ${theirs.amountMinor} cents at the provider and ${amountMinor} here`];
}

/** A payment stands where our captures and releases have brought it. */
function statusOf({ id, status }: TheirObject, { isOver }: OurDeal, effects: readonly OurEffect[]): string[] {
  const isDone = (type: string) =>
    effects.some(
      (effect) => effect.type === type && effect.status === 'done' && read(effect.result, 'transactionId') === id,
    );
  if (isDone('stripe.capture')) return status === 'succeeded' ? [] : [`payment ${id} was taken here and is ${status}`];
  const isCollected = effects.some(
    (effect) => read(effect.params, 'method') === 'bank' && read(effect.result, 'transactionId') === id,
  );
  if (status === 'succeeded' && !isCollected) return [`payment ${id} is taken at the provider and was not taken here`];
  if (isOver && status === 'requires_capture') return [`payment ${id} is still held, and the deal is over`];
  return [];
}

function transferOf({ transferId }: OurDeal, made: readonly Made[]): string[] {
  if (transferId === null || made.some(({ id }) => id === transferId)) return [];
  return [`the deal names transfer ${transferId}, which none of its effects has made`];
}

const read = (json: object | null, name: string): unknown =>
  json === null ? undefined : (json as Readonly<Record<string, unknown>>)[name];
