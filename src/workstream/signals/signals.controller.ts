import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Put,
  Query,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { IdempotencyKey } from '../../platform/http.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { Items } from '../items.js';
import { checkOrg } from '../orgs.js';
import { OwnOrg } from '../own.org.js';
import { insistOnChanges, refuseState } from '../rows.js';
import { READERS, WRITERS } from '../roles.js';
import { Deleted, idIn, OfOrg } from '../workstream.dto.js';
import {
  ArchiveSignal,
  ChangeSignal,
  CreateSignal,
  CreateSignals,
  ListSignals,
  SignalOutcomes,
  SignalPage,
  SignalView,
} from './signal.dto.js';
import { changeSignal, listSignals, readSignal } from './signal.entity.js';
import { sha256 } from './signal.identity.js';
import { SignalIntake } from './signal.intake.js';

/** Signals: raw leads from every source (R001-34). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/signals')
export class SignalsController {
  constructor(
    private readonly database: Database,
    private readonly intake: SignalIntake,
    private readonly items: Items,
  ) {}

  /** Takes a signal in: 201 with the row, or 200 with the row it repeats (R001-3). */
  @Post()
  @ApiCreatedResponse({ type: SignalView })
  @ApiOkResponse({ type: SignalView, description: 'The signal was here already' })
  @ApiProblems('KEY_TAKEN')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateSignal,
    @Res({ passthrough: true }) reply: FastifyReply,
    @IdempotencyKey() key: string | undefined,
  ): Promise<SignalView> {
    // The header and the field mean the same; the field has its own length.
    const { signal, isNew } = await this.intake.take(caller, withKey(body, key));
    void reply.status(isNew ? HttpStatus.CREATED : HttpStatus.OK);
    return signal;
  }

  /** Takes up to 500 signals in; each is judged by itself. */
  @Post('bulk')
  @HttpCode(200)
  bulk(@CurrentCaller() caller: Caller, @Body() { org_id, signals }: CreateSignals): Promise<SignalOutcomes> {
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, org_id);
      const results = await this.intake.takeAll(tx, caller, signals);
      const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
      return { created: count('created'), duplicates: count('duplicate'), rejected: count('rejected'), results };
    });
  }

  /** One page, newest first. */
  @Get()
  @Roles(...READERS)
  list(@CurrentCaller() { tenant }: Caller, @Query() query: ListSignals): Promise<SignalPage> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, query.org_id);
      return listSignals(tx, query);
    });
  }

  /** One signal. */
  @Get(':signal_id')
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  read(
    @CurrentCaller() { tenant }: Caller,
    @Param('signal_id') id: string,
    @Query() { org_id }: OfOrg,
  ): Promise<SignalView> {
    return this.database.transaction(tenant, async (tx) => {
      await checkOrg(tx, org_id);
      return readSignal(tx, idIn('signal_id', id));
    });
  }

  /** Changes what a signal says; an owner touches it (R001-56). All of it or nothing. */
  @Put(':signal_id')
  @ApiProblems('NOT_FOUND', 'STATE_READ_ONLY', 'WF002')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('signal_id') given: string,
    @Body() { org_id, status, owner_user_id, ...changes }: ChangeSignal,
  ): Promise<SignalView> {
    const id = idIn('signal_id', given);
    refuseState(status, 'status', 'POST /api/signals/:signal_id/archive, or by linking and assigning');
    insistOnChanges({ owner_user_id, ...changes });
    return this.database.transaction(caller.tenant, async (tx) => {
      await checkOrg(tx, org_id);
      if (owner_user_id !== undefined)
        await this.items.tell(tx, caller, 'signal', id, { type: 'assign', payload: { owner_user_id } });
      await changeSignal(tx, id, changes);
      return readSignal(tx, id);
    });
  }

  /** Puts a signal away. */
  @Post(':signal_id/archive')
  @HttpCode(200)
  @ApiProblems('NOT_FOUND', 'WF002')
  async archive(
    @CurrentCaller() caller: Caller,
    @Param('signal_id') id: string,
    @Body() payload: ArchiveSignal,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<{ ok: true; status: string }> {
    const { state } = await this.items.send(
      caller,
      'signal',
      idIn('signal_id', id),
      { type: 'archive', payload },
      { idempotencyKey },
    );
    return { ok: true, status: state };
  }

  /** Takes a signal away; its history stays. */
  @Delete(':signal_id')
  @ApiProblems('NOT_FOUND')
  remove(
    @CurrentCaller() caller: Caller,
    @Param('signal_id') id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
  ): Promise<Deleted> {
    return this.items.remove(caller, 'signal', idIn('signal_id', id), { idempotencyKey });
  }
}

const MOST_KEY_CHARACTERS = 64;

/** A header longer than the column is kept as its digest, which is just as long. */
function withKey(body: CreateSignal, key: string | undefined): CreateSignal {
  if (key === undefined || body.idempotency_key !== undefined) return body;
  return { ...body, idempotency_key: key.length > MOST_KEY_CHARACTERS ? sha256(key) : key };
}
