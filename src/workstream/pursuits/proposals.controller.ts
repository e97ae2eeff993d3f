import { Body, Controller, Get, Header, HttpCode, Param, Post, StreamableFile, UseGuards } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WRITERS } from '../roles.js';
import { idIn } from '../workstream.dto.js';
import { ProposalList, ProposalView } from './proposal.dto.js';
import { proposalOf, proposalsOf } from './proposal.entity.js';
import { ProposalStore } from './proposal.store.js';
import { PursuitDesk } from './pursuit.desk.js';
import { DraftProposal, VoidReason } from './pursuit.dto.js';

/** Proposals and their versions (R001-41). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/pursuits')
export class ProposalsController {
  constructor(
    private readonly database: Database,
    private readonly desk: PursuitDesk,
    private readonly store: ProposalStore,
  ) {}

  /** The versions of a pursuit's proposal, newest first. */
  @Get(':pursuit_id/proposals')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async list(@CurrentCaller() { tenant }: Caller, @Param('pursuit_id') id: string): Promise<ProposalList> {
    return { data: await this.database.transaction(tenant, (tx) => proposalsOf(tx, idIn('pursuit_id', id))) };
  }

  /** Begins the next version. */
  @Post(':pursuit_id/proposals')
  @ApiProblems('NOT_FOUND', 'WF002')
  draft(
    @CurrentCaller() caller: Caller,
    @Param('pursuit_id') id: string,
    @Body() body: DraftProposal,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ProposalView> {
    return this.desk.draft(caller, idIn('pursuit_id', id), body, key);
  }

  /** One version. */
  @Get('proposals/:proposal_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(@CurrentCaller() { tenant }: Caller, @Param('proposal_id') id: string): Promise<ProposalView> {
    return this.database.transaction(tenant, (tx) => proposalOf(tx, idIn('proposal_id', id)));
  }

  /** Its document: as it was sent, or as a draft would be sent now. */
  @Get('proposals/:proposal_id/document')
  @Roles(...READERS)
  @ApiProduces('application/pdf')
  @ApiProblems('NOT_FOUND', 'WF009')
  // Offers stay out of the caches on the way.
  @Header('Cache-Control', 'private, no-store')
  async document(@CurrentCaller() { tenant }: Caller, @Param('proposal_id') given: string): Promise<StreamableFile> {
    const id = idIn('proposal_id', given);
    const bytes = await this.store.read(tenant, id);
    return new StreamableFile(bytes, {
      type: 'application/pdf',
      disposition: `attachment; filename="proposal-${id}.pdf"`,
      length: bytes.length,
    });
  }

  /** Sends a draft to the prospect and tells the team; a proposal is sent once. */
  @Post('proposals/:proposal_id/send')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002')
  send(
    @CurrentCaller() caller: Caller,
    @Param('proposal_id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ProposalView> {
    return this.desk.treatProposal(caller, idIn('proposal_id', id), 'send', {}, key);
  }

  /** Notes that the prospect has signed a proposal that was sent; it is an answer, too. */
  @Post('proposals/:proposal_id/signed')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002')
  sign(
    @CurrentCaller() caller: Caller,
    @Param('proposal_id') id: string,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ProposalView> {
    return this.desk.treatProposal(caller, idIn('proposal_id', id), 'sign', {}, key);
  }

  /** Declares a proposal void that is not signed. When it was the newest, the next version begins at once. */
  @Post('proposals/:proposal_id/void')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002')
  declareVoid(
    @CurrentCaller() caller: Caller,
    @Param('proposal_id') id: string,
    @Body() body: VoidReason,
    @IdempotencyKey() key: string | undefined,
  ): Promise<ProposalView> {
    return this.desk.treatProposal(caller, idIn('proposal_id', id), 'void', body, key);
  }
}
