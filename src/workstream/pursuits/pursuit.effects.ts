import { Injectable } from '@nestjs/common';
import type { ProposalMail, TeamNotice } from '../../../machines/pursuit.types.js';
import type { EffectHandler, EffectPolicy, EffectResult, EffectRun } from '../../engine/host.js';
import { EmailClient } from '../../integrations/email/email.client.js';
import { NotificationSender, type Recipient } from '../../notifications/notification.sender.js';
import { Database } from '../../platform/database.js';
import { PATIENCE } from '../patience.js';
import { lostLetterOf, occasionOf, peopleOf, type Occasion } from './proposal.occasion.js';
import { fileNameOf, letterOf } from './proposal.paper.js';
import { ProposalStore } from './proposal.store.js';

/** How patiently each effect is tried. */
export const pursuitPolicies: Readonly<Record<string, Partial<EffectPolicy>>> = {
  'workstream.mailProposal': PATIENCE,
  'workstream.tellTeam': PATIENCE,
};

/** Everybody with the role `sales`. */
const SALES_TEAM: Recipient = { id: 'sales-team', type: 'internal', email: null };

/** What a pursuit does in the world: it mails its proposals and tells its people (R001-65). */
@Injectable()
export class PursuitEffects {
  constructor(
    private readonly database: Database,
    private readonly email: EmailClient,
    private readonly notifications: NotificationSender,
    private readonly store: ProposalStore,
  ) {}

  readonly effects: Readonly<Record<string, EffectHandler>> = {
    'workstream.mailProposal': (mail: ProposalMail, run: EffectRun) => this.mail(mail, run),
    'workstream.tellTeam': ({ template, data }: TeamNotice, run: EffectRun) => this.news(template, data, run),
  };

  /** Mails a proposal with its document, once for each proposal (R001-66). One that nobody can be mailed is handed to its people. */
  private async mail({ proposalId }: ProposalMail, run: EffectRun): Promise<EffectResult> {
    const occasion = await this.database.transaction(run.tenant, (tx) => occasionOf(tx, run.instanceId, proposalId));
    // Deleted or declared void meanwhile, or mailed by an earlier attempt.
    if (!occasion || occasion.status === 'void' || occasion.mailed_at !== null) return { kind: 'done' };
    const enclosure = await this.store.enclosureOf(run.tenant, run.instanceId, occasion, run.since);
    if (occasion.contact_email === null) return this.handOver(occasion, 'the candidate has no e-mail address', run);
    const outcome = await this.email.send(
      {
        to: occasion.contact_email,
        ...letterOf(occasion, enclosure.address),
        attachments: enclosure.bytes
          ? [{ filename: fileNameOf(occasion), contentType: 'application/pdf', content: enclosure.bytes }]
          : [],
      },
      // The same letter whichever event asks for it, and however often.
      { ...run, key: `${run.tenant}:${run.instanceId}:proposal:${proposalId}:send` },
    );
    if (outcome.kind === 'failed' && outcome.code === 'NOT_CONFIGURED')
      return this.handOver(occasion, outcome.reason, run);
    if (outcome.kind === 'done') await this.markMailed(run.tenant, proposalId);
    return outcome.kind === 'done' ? { kind: 'done', receipt: outcome.receipt } : outcome;
  }

  private markMailed(tenant: string, proposalId: number): Promise<number> {
    return this.database.transaction(tenant, (tx) =>
      tx.run(
        'update workstream.proposals set mailed_at = engine.now() where tenant = engine.tenant() and proposal_id = $1',
        [proposalId],
      ),
    );
  }

  private handOver({ proposal_id }: Occasion, reason: string, run: EffectRun): Promise<EffectResult> {
    return this.tell('proposal_unmailed', { proposalId: proposal_id, reason }, run);
  }

  /** News of a proposal whose letter was given up is that somebody has to send it; everything else is told as it is. */
  private async news(
    template: TeamNotice['template'],
    data: TeamNotice['data'],
    run: EffectRun,
  ): Promise<EffectResult> {
    if (template !== 'proposal_sent') return this.tell(template, data, run);
    const lost = await this.database.transaction(run.tenant, (tx) =>
      lostLetterOf(tx, run.instanceId, Number(data['proposalId'])),
    );
    return lost ? this.tell('proposal_unmailed', { ...data, ...lost }, run) : this.tell(template, data, run);
  }

  /** Tells the people of the pursuit and the sales team, each by a message of his own. */
  private async tell(type: string, data: TeamNotice['data'], run: EffectRun): Promise<EffectResult> {
    const found = await this.database.transaction(run.tenant, (tx) => peopleOf(tx, run.instanceId));
    if (!found) return { kind: 'done' };
    const { title, people } = found;
    const recipients = [SALES_TEAM, ...people.map((id): Recipient => ({ id, type: 'partner', email: null }))];
    const results: EffectResult[] = [];
    for (const recipient of recipients) {
      const message = { type, recipient, data: { workflowInstanceId: run.instanceId, pursuitTitle: title, ...data } };
      results.push(await this.notifications.send(message, { ...run, key: `${run.key}:${recipient.id}` }));
    }
    return (
      results.find(({ kind }) => kind === 'retry') ?? results.find(({ kind }) => kind === 'failed') ?? { kind: 'done' }
    );
  }
}
