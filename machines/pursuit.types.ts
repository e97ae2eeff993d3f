/** The shapes of a pursuit: what it starts with and remembers, what may happen to it, what it asks of the world. */
import type { Stamp, Started } from '../src/engine/authoring.js';
import type { Gate, GateItem } from './pursuit.gates.js';
import type { Moves } from './workstream.events.js';

/** The stages of a pursuit (R001-26). */
export const PURSUIT_STAGES = ['qual', 'pink', 'red', 'submit', 'won', 'lost'] as const;
/** One of PURSUIT_STAGES. */
export type PursuitStage = (typeof PURSUIT_STAGES)[number];

/** The product's own table (R001-26). */
export const PURSUIT_MOVES: Moves = {
  qual: ['pink'],
  pink: ['red', 'qual'],
  red: ['submit', 'pink'],
  submit: ['won', 'lost'],
};

/** The event that leads to each stage. */
export const PURSUIT_EVENTS = {
  qual: 'requalify',
  pink: 'start-pink',
  red: 'start-red',
  submit: 'submit',
  won: 'win',
  lost: 'lose',
} as const satisfies Record<PursuitStage, string>;

/** Why a pursuit was lost (R001-13). */
export const LOST_REASONS = ['timing', 'competition', 'budget', 'fit', 'other'] as const;
/** One of LOST_REASONS. */
export type LostReason = (typeof LOST_REASONS)[number];

/** What a pursuit starts with. */
export interface PursuitInput {
  pursuitId: number;
  moves: Moves;
  /** What each gate asks for; a gate without items is open (R001-31). */
  gates: Readonly<Record<Gate, readonly GateItem[]>>;
}

/** What a pursuit remembers. */
export interface PursuitContext extends Started<PursuitInput> {
  /** The newest version of the proposal; the first comes with the pursuit. */
  version: number;
  /** Versions that have been sent, oldest first. */
  sent: number[];
  /** Versions that the prospect has signed. */
  signed: number[];
  /** Versions that count no more; the newest never is one of them. */
  void: number[];
  reasonCode: LostReason | null;
  note: string | null;
}

/** What may happen to a pursuit, as the engine hands it to the machine. */
export type PursuitEvent = (
  | { type: 'requalify' | 'start-pink' | 'start-red' | 'submit' | 'win'; note?: string }
  | { type: 'lose'; reason: LostReason; note?: string }
  | { type: 'draft-proposal'; doc_id?: string }
  | { type: 'send-proposal' | 'sign-proposal'; proposal_id: number }
  | { type: 'void-proposal'; proposal_id: number; reason?: string }
  | { type: 'delete' }
) &
  Stamp<PursuitFacts>;

/** What guards are told, read in the deciding transaction. */
export interface PursuitFacts {
  /** The checklist as it stands: every item with whether it still has to be done. */
  checklist: { gate: Gate; item_key: string; is_open: boolean }[];
}

/** A proposal to be mailed to the prospect, with its document (R001-65). */
export interface ProposalMail {
  /** The event it follows from (R001-12). */
  event: string;
  proposalId: number;
}

/** News for the people of the pursuit and their team. */
export interface TeamNotice {
  event: string;
  template: 'proposal_sent' | 'pursuit_won' | 'pursuit_lost';
  data: Readonly<Record<string, string | number | null>>;
}

/** Versions one pursuit can have; far more than anybody writes. */
const MOST_VERSIONS = 10_000;

/** The number of a proposal, made of its pursuit and its version: everybody who knows these knows it. */
export const proposalIdOf = (pursuitId: number, version: number): number => pursuitId * MOST_VERSIONS + version;

/** The version that a number stands for in a pursuit, or undefined when it is a proposal of another. */
export function versionOf(pursuitId: number, proposalId: number): number | undefined {
  const version = proposalId - pursuitId * MOST_VERSIONS;
  return version > 0 && version < MOST_VERSIONS ? version : undefined;
}

/** How a proposal stands in its pursuit (R001-9); undefined when it is a proposal of another. */
export function standingOf(
  { pursuitId, version: newest, sent, signed, void: ended }: PursuitContext,
  proposalId: number,
): 'draft' | 'sent' | 'signed' | 'void' | undefined {
  const version = versionOf(pursuitId, proposalId);
  if (version === undefined || version > newest) return undefined;
  if (ended.includes(version)) return 'void';
  if (signed.includes(version)) return 'signed';
  return sent.includes(version) ? 'sent' : 'draft';
}
