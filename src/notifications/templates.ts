/** Every message the product sends: its channels, its priority and its words (R000-87, R000-88). */

/** Ways to reach somebody; templates name the first three (R000-86). */
export const CHANNELS = ['email', 'push', 'in_app', 'sms', 'slack'] as const;
/** One of CHANNELS. */
export type Channel = (typeof CHANNELS)[number];
/** How soon somebody should read it. */
export type Priority = 'high' | 'normal' | 'low';

/** Words for a type of message, and how they travel. */
export interface Template {
  channels: readonly Channel[];
  priority: Priority;
  /** Liquid; filled with the message's data. */
  subject: string;
  body: string;
}

const EVERYWHERE: readonly Channel[] = ['email', 'push', 'in_app'];
const WRITTEN: readonly Channel[] = ['email', 'in_app'];

/** Words for messages that need no more than their subject and their data. */
const PLAIN = `{{ subject }}

{% for fact in facts %}{{ fact.name | label }}: {{ fact.value | shown }}
{% endfor %}`;

const urgent = (subject: string, body = PLAIN): Template => ({ channels: EVERYWHERE, priority: 'high', subject, body });
const important = (subject: string, body = PLAIN): Template => ({ channels: WRITTEN, priority: 'high', subject, body });
const usual = (subject: string, body = PLAIN): Template => ({ channels: WRITTEN, priority: 'normal', subject, body });

/** By type; `type:recipient` where a kind of recipient is told differently. */
const TEMPLATES: Readonly<Record<string, Template>> = {
  investment_interest: urgent(
    'New Investment Interest in {{ pitchTitle }}',
    `Hi {{ creatorName }},

{{ investorName }} has expressed interest in investing {{ amount | money }} in your pitch "{{ pitchTitle }}".

Message from investor:
{{ message }}

Please review and respond within 7 days.
`,
  ),
  nda_signed: usual(
    'NDA Signed - Access Granted',
    `The NDA for "{{ pitchTitle }}" has been signed.

{{ requesterName }} now has access to confidential materials.

NDA expires: {{ expirationDate | date }}
`,
  ),
  production_waitlisted: usual(
    'Added to Waitlist for {{ pitchTitle }}',
    `Your interest has been noted, but another company currently has exclusive negotiation rights.

You've been added to the waitlist and will be notified if the opportunity becomes available.

Current position: #{{ position }}
`,
  ),

  counter_offer: urgent('A counter-offer for {{ pitchTitle }}: {{ counterAmount | money }}'),
  final_commitment_request: urgent('Please confirm your investment in {{ pitchTitle }}'),
  escrow_deposit_request: urgent('Please deposit {{ amount | money }} for {{ pitchTitle }}'),
  investment_complete: urgent('Your investment in {{ pitchTitle }} is complete'),
  investment_received: urgent('{{ amount | money }} received for {{ pitchTitle }}'),
  investment_approved: urgent('Your investment in {{ pitchTitle }} was approved'),
  production_interest: urgent('A production company is interested in {{ pitchTitle }}'),
  meeting_scheduled: urgent('A meeting about {{ pitchTitle }}'),
  proposal_requested: urgent('A proposal is requested for {{ pitchTitle }}'),
  proposal_ready_for_review: urgent('A proposal for {{ pitchTitle }} is ready for review'),
  waitlist_activated: urgent('{{ pitchTitle }} is available to you now'),
  counter_proposal: urgent('A counter-proposal for {{ pitchTitle }}'),
  production_started: urgent('{{ pitchTitle }} is in production'),
  production_activated: urgent('Production of {{ pitchTitle }} has begun'),
  production_complete: urgent('Production of {{ pitchTitle }} is complete'),
  nda_creator_review_required: urgent('An NDA for {{ pitchTitle }} needs your review'),

  term_sheet_ready: important('The term sheet for {{ pitchTitle }} is ready to sign'),
  escrow_timeout: important('The deposit for {{ pitchTitle }} did not arrive in time'),
  closing_documents_ready: important('The closing documents for {{ pitchTitle }} are ready to sign'),
  exclusivity_granted: important('You negotiate about {{ pitchTitle }} exclusively'),
  production_overdue: important('The production of {{ pitchTitle }} takes longer than planned'),
  contract_ready: important('The contract for {{ pitchTitle }} is ready to sign'),
  nda_legal_review_required: important('An NDA for {{ pitchTitle }} needs legal review'),
  nda_executed: important('The NDA for {{ pitchTitle }} is in force'),
  'nda_executed:creator': usual('The NDA for {{ pitchTitle }} is in force'),
  nda_access_failed: important('Access under the NDA for {{ pitchTitle }} could not be given'),
  manual_signature_required: important('Signatures for {{ pitchTitle }} have to be collected by hand'),
  payment_failed: important('Your payment for {{ pitchTitle }} was declined'),
  dispute_opened: important('The payment for {{ pitchTitle }} is disputed'),
  message_quarantined: important('A message of a provider contradicts the deal for {{ pitchTitle }}'),
  hold_expiring: important('The hold for {{ pitchTitle }} is about to lapse'),
  sla_warned: { ...usual('{{ itemType }} {{ itemId }} is running out of time ({{ metric }})'), channels: ['in_app'] },
  sla_breached: {
    ...important('{{ itemType }} {{ itemId }} has waited too long ({{ metric }})'),
    channels: ['in_app'],
  },
  wire_return_required: important('The wire for {{ pitchTitle }} has to be returned'),

  proposal_sent: usual('The proposal for {{ pursuitTitle }} is out'),
  proposal_unmailed: important('The proposal for {{ pursuitTitle }} has to be sent by hand'),
  pursuit_won: important(
    'Won: {{ pursuitTitle }}',
    `We have won "{{ pursuitTitle }}". Congratulations to everybody who worked for it!
`,
  ),
  pursuit_lost: usual('Lost: {{ pursuitTitle }}'),
  rule_escalation: important('{{ title }}', '{{ text }}'),
  quota_exceeded: {
    ...important(
      'The account has used up its {{ quota }}',
      'The workflow {{ workflowId }} was to start and was not: the account may have {{ limit }} {{ quota }} a month, until {{ resetsAt }}.\n',
    ),
    channels: ['in_app'],
  },
  webhook_disabled: {
    ...important(
      'The webhook to {{ host }} was switched off',
      'The webhook {{ webhookId }} was switched off: {{ reason }} ({{ error }}). Switch it on again once its receiver is there; what it has not heard can be sent again.\n',
    ),
    channels: ['in_app'],
  },
  task_assigned: usual('Task: {{ title }}', '{{ text }}\n\nDue: {{ dueAt | date }}\n'),
  task_overdue: important('Overdue: {{ title }}', '{{ text }}\n\nIt was due: {{ dueAt | date }}\n'),
  task_canceled: usual('Not needed any more: {{ title }}', '{{ text }}'),
  task_expired: usual('Too late: {{ title }}', '{{ text }}'),
  workflow_message: usual('{{ title }}', '{{ text }}'),

  investor_qualified: usual('{{ investorName }} is qualified to invest in {{ pitchTitle }}'),
  qualification_failed: usual('You are not qualified to invest in {{ pitchTitle }}'),
  deal_expired: usual('The deal for {{ pitchTitle }} has expired'),
  deal_rejected: usual('Your offer for {{ pitchTitle }} was rejected'),
  deal_withdrawn: usual('The deal for {{ pitchTitle }} was withdrawn'),
  deal_failed: usual('The deal for {{ pitchTitle }} has failed'),
  term_sheet_rejected: usual('The term sheet for {{ pitchTitle }} was rejected'),
  due_diligence_required: usual('Due diligence for {{ pitchTitle }} is waiting'),
  due_diligence_complete: usual('Due diligence for {{ pitchTitle }} is complete'),
  verification_failed: usual('Your company could not be verified'),
  interest_parked: usual('Your interest in {{ pitchTitle }} was put off'),
  interest_declined: usual('Your interest in {{ pitchTitle }} was declined'),
  production_passed: usual('The production company has passed on {{ pitchTitle }}'),
  counter_refused: usual('The counter-proposal for {{ pitchTitle }} was refused'),
  terms_rejected: usual('The negotiation about {{ pitchTitle }} was ended'),
  contract_declined: usual('The contract for {{ pitchTitle }} was declined'),
  exclusivity_lapsed: usual('Exclusive negotiation about {{ pitchTitle }} has ended'),
  pitch_in_production: usual('{{ pitchTitle }} is produced by another company'),
  'production_passed:production': usual('{{ creatorName }} has passed on your company for {{ pitchTitle }}'),
  proposal_rejected: usual('Your proposal for {{ pitchTitle }} was rejected'),
  deal_timeout: usual('The deal for {{ pitchTitle }} has timed out'),
  nda_rejected: usual('The NDA for {{ pitchTitle }} was rejected'),
  nda_declined: usual('The NDA for {{ pitchTitle }} was declined'),
  nda_expiring_soon: usual('The NDA for {{ pitchTitle }} expires soon'),
  nda_renewal_offer: usual('You can renew the NDA for {{ pitchTitle }}'),
  nda_expired: usual('The NDA for {{ pitchTitle }} has expired'),
  'nda_expired:creator': { ...usual('The NDA for {{ pitchTitle }} has expired'), channels: ['in_app'] },
  nda_signature_requested: { ...important('Please sign the NDA for {{ pitchTitle }}'), channels: ['email'] },
  nda_reminder: { ...usual('A reminder to sign the NDA for {{ pitchTitle }}'), channels: ['email'] },
  nda_sent_for_signature: { ...usual('The NDA for {{ pitchTitle }} was sent for signature'), channels: ['in_app'] },
};

/** The template of a message to a kind of recipient, or undefined when there is none of that type. */
export const templateOf = (type: string, recipientType: string): Template | undefined =>
  TEMPLATES[`${type}:${recipientType}`] ?? TEMPLATES[type];
