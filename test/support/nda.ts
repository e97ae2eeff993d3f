/** An NDA to begin with, and the people around it. */
import { nda } from '../../machines/nda.js';
import { HOUSE_SCORECARD, type NdaTerms, type RequesterRecord } from '../../machines/nda.risk.js';
import type { Json } from '../../src/engine/core/driver.js';
import { given as instanceOf, NOON } from './given.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const deadlines = {
  creatorReviewMs: 72 * HOUR,
  legalReviewMs: 48 * HOUR,
  signatureMs: 7 * DAY,
  viewedMs: 5 * DAY,
  accessRetryMs: HOUR,
};
/** What the NDA starts with. */
export const request = {
  ndaId: 'nda_1',
  requesterId: 'inv_123',
  requesterType: 'investor',
  creatorId: 'creator_789',
  pitchId: 'pitch_456',
  templateId: 'standard',
  durationMonths: 24,
  customTerms: {},
  territories: [],
  deadlines,
  scorecard: { ...HOUSE_SCORECARD } as unknown as Json,
  expiryReminderDays: [90, 60, 30, 7],
  offersRenewal: false,
};
/** Terms that weigh nothing. */
export const plain: NdaTerms = { templateId: 'standard', durationMonths: 24, customTerms: {}, territories: [] };
/** A requester who weighs nothing. */
export const known: RequesterRecord = {
  emailVerified: true,
  accountSince: NOON - 365 * DAY,
  isSuspicious: false,
  trustScore: null,
  breaches: 0,
  honouredNdas: 0,
};
/** So many custom terms. */
export const customTerms = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`term ${number + 1}`, 'as agreed']));

export const creator = { id: 'creator_789', roles: ['creator'] };
export const legal = { id: 'legal_1', roles: ['legal'] };
export const provider = { id: 'system:docusign', roles: [] };

const approved = { approval: { by: 'policy', notes: null, at: NOON } };

/** An NDA in a state, with these fields of its context; past the decision it has been approved. */
export const given = (state?: string, context: Record<string, Json> = {}) =>
  instanceOf(nda, state, {
    ...request,
    ...(state?.includes('.') && !state.endsWith('awaitingDecision') ? approved : {}),
    ...context,
  });
