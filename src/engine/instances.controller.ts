import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Sse } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Observable } from 'rxjs';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { parseDuration } from '../platform/duration.js';
import { refuse } from '../platform/errors.js';
import { IdempotencyKey, IfMatch } from '../platform/http.js';
import { flawOf } from '../platform/http.screen.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { decodeCursor, encodeCursor } from '../platform/paging.js';
import type { Json } from './core/driver.js';
import { EngineService } from './engine.service.js';
import { ExplainedEvent, ExplainedEvents, ONE_OR_ALL } from './explained.dto.js';
import { SimulationAnswer } from './foresight.dto.js';
import {
  Acknowledged,
  EffectList,
  HistoryStepPage,
  InstanceAnswer,
  InstanceAwaited,
  InstancePage,
  TimerList,
} from './instances.answers.dto.js';
import {
  ExplainQuery,
  ListInstances,
  ReadHistory,
  SendEvent,
  Simulate,
  WaitQuery,
  type SupposedItem,
} from './instances.dto.js';
import { Reading } from './reading.js';
import { Simulation, type Supposed } from './simulation.js';
import { Watching, type StreamMessage } from './watching.js';

const HISTORY_PAGE = 100;
const WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 60_000;
/** Characters that wait for a client who does not read. Then the stream is cut; the client goes on behind what it has. */
const MOST_UNREAD = 262_144;

/** Instances of every lifecycle, seen and moved alike. */
@ApiTags('instances')
@Controller('api/instances')
export class InstancesController {
  constructor(
    private readonly engine: EngineService,
    private readonly reading: Reading,
    private readonly simulation: Simulation,
    private readonly watching: Watching,
  ) {}

  /** Instances the caller may see, newest first. */
  @Get()
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor, ...filter }: ListInstances,
  ): Promise<InstancePage> {
    const after = decodeCursor(cursor, { createdAt: 'time', id: 'id' });
    const data = await this.reading.list(caller, filter, limit, after);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? encodeCursor({ createdAt: last.createdAt, id: last.id }) : null };
  }

  /** One instance with its context. */
  @Get(':id')
  @ApiProblems('WF001')
  read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<InstanceAnswer> {
    return this.reading.read(caller, id);
  }

  /** Sends an event; answers the state it led to, or 409 with the explanation. */
  @Post(':id/events')
  @ApiProblems(
    'WF001',
    'WF002',
    'INSTANCE_PAUSED',
    'INSTANCE_QUARANTINED',
    'REVISION_MISMATCH',
    'IDEMPOTENCY_KEY_REUSED',
  )
  @HttpCode(200)
  send(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { type, payload }: SendEvent,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @IfMatch() expectedRevision: number | undefined,
  ): Promise<Acknowledged> {
    return this.engine.send(caller, id, { type, payload }, { idempotencyKey, expectedRevision });
  }

  /** What happened, oldest first; `?at=` shows it as it was then. */
  @Get(':id/history')
  @ApiProblems('WF001')
  async history(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { after = 0, limit = HISTORY_PAGE, at }: ReadHistory,
  ): Promise<HistoryStepPage> {
    const data = await this.reading.history(caller, id, after, limit, at ?? null);
    const last = data.length === limit ? data.at(-1) : undefined;
    return { data, nextCursor: last ? String(last.seq) : null };
  }

  /** Why an event would be taken or refused right now; without `event`, for every event. */
  @Get(':id/explain')
  @ApiOkResponse(ONE_OR_ALL)
  @ApiExtraModels(ExplainedEvents)
  @ApiProblems('WF001')
  async explain(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { event, payload }: ExplainQuery,
  ): Promise<ExplainedEvent | ExplainedEvents> {
    const data = await this.reading.explain(caller, id, event, parsed(payload));
    const [only] = data;
    return event !== undefined && only ? only : { data };
  }

  /** Plays events and time against the instance as it is. Nothing is written. */
  @Post(':id/simulate')
  @ApiProblems('WF001', 'INSTANCE_QUARANTINED')
  @HttpCode(200)
  simulate(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() { events, advance }: Simulate,
  ): Promise<SimulationAnswer> {
    return this.simulation.simulate(caller, id, [
      ...events.map(supposed),
      ...(advance === undefined ? [] : [{ advance }]),
    ]);
  }

  /** Armed and fired timers with the business time at which they fall due. */
  @Get(':id/timers')
  @ApiProblems('WF001')
  async timers(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<TimerList> {
    return { data: await this.reading.timers(caller, id) };
  }

  /** What the instance wanted done in the world, and what became of each attempt; the parties see only how far it is. */
  @Get(':id/effects')
  @ApiProblems('WF001')
  async effects(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<EffectList> {
    return { data: await this.reading.effects(caller, id) };
  }

  /** The last decision of this instance that threw (R000-95). */
  @Get(':id/failure')
  @ApiProblems('WF001')
  async failure(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    return { data: await this.reading.lastFailure(caller, id) };
  }

  /** Answers when the instance has reached a state or tag, has ended, or the time is over. */
  @Get(':id/wait')
  @ApiProblems('WF001')
  wait(@CurrentCaller() caller: Caller, @Param('id') id: string, @Query() query: WaitQuery): Promise<InstanceAwaited> {
    const { timeout } = query;
    // A bare number counts seconds.
    const ms = timeout === undefined ? WAIT_MS : parseDuration(/\d$/.test(timeout) ? `${timeout}s` : timeout);
    return this.watching.wait(caller, id, query.for, Math.min(ms, LONGEST_WAIT_MS));
  }

  /** Server-sent events: the history so far, then each step as it is committed. `Last-Event-ID` continues behind a seq. */
  @Sse(':id/stream', { maxPendingDataLength: MOST_UNREAD })
  @ApiProblems('WF001')
  async stream(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Headers('last-event-id') last?: string,
  ): Promise<Observable<StreamMessage>> {
    await this.reading.read(caller, id);
    return this.watching.stream(caller, id, /^\d{1,15}$/.test(last ?? '') ? Number(last) : 0);
  }
}

function parsed(payload: string | undefined): Json | undefined {
  if (payload === undefined) return undefined;
  try {
    const given = JSON.parse(payload) as Json;
    if (flawOf(given) === undefined) return given;
  } catch {
    // Told below, like everything else that is not well-formed.
  }
  throw refuse('WF006', { errors: [{ field: 'payload', message: 'payload must be well-formed JSON' }] });
}

/** What an item of a simulation says, told apart by the field it has. @throws WF006 */
function supposed({ type, payload, job, output, error, advance }: SupposedItem): Supposed {
  if (advance !== undefined) return { advance };
  if (type !== undefined) return { type, payload: (payload ?? {}) as Json };
  if (job === undefined)
    throw refuse('WF006', { detail: 'Each of events is {type, payload}, {job, output}, {job, error} or {advance}.' });
  return error ? { job, error: { ...error } } : { job, output: (output ?? null) as Json };
}
