/** What has to hold before an NDA moves on, and what is said when it does not. Pure. */
import { assertEvent } from 'xstate';
import { rule } from '../src/engine/authoring.js';
import { assess, type NdaTerms, type RequesterRecord, type Route } from './nda.risk.js';
import type { NdaContext as Context, NdaEvent as Event, SignatureStatus } from './nda.types.js';

interface Args {
  context: Context;
  event: Event;
}

/** The guards of the machine, by name. */
export const rules = {
  isRouted: rule(({ context, event }: Args, { requester, route }: { requester: RequesterRecord; route: Route }) => {
    const risk = assess(context.scorecard, termsOf(context), requester, event.at);
    return risk.route === route || { code: 'ROUTED_OTHERWISE', data: { score: risk.score, route: risk.route } };
  }),
  decisionIs: rule(({ event }: Args, { decision }: { decision: string }) => {
    assertEvent(event, ['creator-nda-review', 'legal-review']);
    return event.decision === decision || { code: 'DECIDED_OTHERWISE', data: { decision: event.decision } };
  }),
  isOwnReview: rule(({ event }: Args) => {
    assertEvent(event, 'legal-review');
    const { reviewerId = event.caller.id } = event;
    return (
      reviewerId === event.caller.id || {
        code: 'REVIEWED_FOR_ANOTHER',
        message: 'Each reviewer answers for himself.',
        data: { reviewerId },
      }
    );
  }),
  statusIs: rule(({ event }: Args, { status }: { status: SignatureStatus }) => {
    assertEvent(event, 'signature-status');
    return event.status === status || { code: 'OTHER_STATUS', data: { status: event.status } };
  }),
  isThisEnvelope: rule(({ context, event }: Args) => {
    assertEvent(event, 'signature-status');
    return event.envelopeId === context.envelopeId || { code: 'OTHER_ENVELOPE', data: { awaited: context.envelopeId } };
  }),
  // While our own call has not been answered, the provider's message is the first to name the envelope.
  isNewEnvelope: rule(({ context, event }: Args) => {
    assertEvent(event, 'signature-status');
    return event.envelopeId !== context.envelopeId || { code: 'OTHER_ENVELOPE', data: { former: context.envelopeId } };
  }),
  isOpenNews: rule(({ event }: Args) => {
    assertEvent(event, 'signature-status');
    const isEnd = event.status === 'declined' || event.status === 'voided';
    return !isEnd || { code: 'SIGNED_ALREADY', message: 'What has been signed can no longer be declined or voided.' };
  }),
  isReminderAhead: rule(({ context }: Args) => context.remindersAt.length > 0 || { code: 'NO_REMINDER' }),
  offersRenewal: rule(({ context }: Args) => context.offersRenewal || { code: 'NO_RENEWAL' }),
};

/** What the risk of an NDA is assessed on. */
export const termsOf = ({ templateId, durationMonths, customTerms, territories }: Context): NdaTerms => ({
  templateId,
  durationMonths,
  customTerms,
  territories,
});
