import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentCaller, seesEverything, type Caller } from '../auth/caller.js';
import type { Description } from '../engine/core/driver.js';
import { Reading } from '../engine/reading.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { refuse } from '../platform/errors.js';
import { Coverage, EventPayloadList, LifecycleAnswer, LifecycleList, type LifecycleSummary } from './answers.dto.js';
import { LivedCoverage, marksOf, trailOfCoverage } from './coverage.js';
import { CoverageQuery, DEFAULT_INSTANCES, LifecyclePictureQuery, PictureQuery, VersionPath } from './diagrams.dto.js';
import { mermaid } from './mermaid.js';
import { svgDiagram } from './svg.js';
import { headline } from './words.js';

const SVG = 'image/svg+xml; charset=utf-8';
const MERMAID = 'text/vnd.mermaid; charset=utf-8';

/** Lifecycles as data and as pictures, and where an instance stands in one. */
@ApiTags('lifecycles')
@Controller('api')
export class DiagramsController {
  constructor(
    private readonly reading: Reading,
    private readonly lived: LivedCoverage,
  ) {}

  @Get('lifecycles')
  @ApiOperation({ summary: 'The newest version of every lifecycle' })
  list(): LifecycleList {
    return { data: this.reading.lifecycles().map(summaryOf), nextCursor: null };
  }

  @Get('lifecycles/:name')
  @ApiOperation({
    summary: 'The newest version of a lifecycle: states, transitions, guards, effects, who may send what',
  })
  @ApiProblems('NOT_FOUND')
  describe(@Param('name') name: string): LifecycleAnswer {
    return this.reading.describe(name);
  }

  @Get('lifecycles/:name/payloads')
  @ApiOperation({ summary: 'What the payload of each event has to be, as JSON Schema' })
  @ApiProblems('NOT_FOUND')
  payloads(@Param('name') name: string): EventPayloadList {
    return { data: this.reading.payloads(name) };
  }

  @Get('lifecycles/:name/versions/:version')
  @ApiOperation({ summary: 'A version of a lifecycle, as long as instances may live on it' })
  @ApiProblems('NOT_FOUND')
  describeVersion(@Param() { name, version }: VersionPath): LifecycleAnswer {
    return this.reading.describe(name, version);
  }

  @Get('lifecycles/:name/diagram.mmd')
  @ApiOperation({ summary: 'A lifecycle as Mermaid text' })
  @ApiProduces('text/vnd.mermaid')
  @ApiProblems('NOT_FOUND')
  text(
    @Param('name') name: string,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string | undefined {
    return answer(reply, MERMAID, mermaid(this.reading.describe(name)), known);
  }

  @Get('lifecycles/:name/diagram.svg')
  @ApiOperation({ summary: 'A lifecycle as a picture' })
  @ApiProduces('image/svg+xml')
  @ApiProblems('NOT_FOUND', 'WF005')
  async picture(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @Query() { detail = 'overview', overlay }: LifecyclePictureQuery,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const description = this.reading.describe(name);
    if (overlay === undefined) return answer(reply, SVG, await svgDiagram(description, { detail }), known);
    const coverage = await this.coverage(caller, name, { instances: DEFAULT_INSTANCES });
    if (overlay === 'coverage') {
      const title = `${headline(description)} · ${legendOf(coverage)}`;
      return answer(reply, SVG, await svgDiagram(description, { detail, marks: marksOf(coverage), title }), known);
    }
    const title = `${headline(description)} · as lived by ${coverage.instances}`;
    const lived = trailOfCoverage(coverage);
    return answer(reply, SVG, await svgDiagram(description, { detail, lived, title }), known);
  }

  @Get('lifecycles/:name/coverage')
  @ApiOperation({
    summary:
      'How often each transition was really taken, by the newest instances of the tenant; for those who see everything',
  })
  @ApiProblems('NOT_FOUND', 'WF005')
  coverage(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @Query() { version, instances }: CoverageQuery,
  ): Promise<Coverage> {
    if (!seesEverything(caller)) throw refuse('WF005');
    return this.lived.of(caller, name, version, instances);
  }

  @Get('instances/:id/diagram.svg')
  @ApiOperation({ summary: 'Where an instance stands, and the way it came' })
  @ApiProduces('image/svg+xml')
  @ApiProblems('WF001')
  async instance(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { detail = 'overview' }: PictureQuery,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const { description, active, walked } = await this.reading.walked(caller, id);
    const title = [headline(description), id, active.at(-1)].join(' · ');
    return answer(reply, SVG, await svgDiagram(description, { detail, active, walked, title }), known);
  }
}

const summaryOf = ({ name, version, title, fingerprint, initial, states }: Description): LifecycleSummary => ({
  name,
  version,
  title,
  fingerprint,
  initial,
  states: states.filter(({ parent }) => parent === null).map(({ key }) => key),
});

/** What the colours of the overlay mean, with how many there are of each. */
const legendOf = ({ tested, instances }: Coverage): string =>
  tested === null
    ? `what was tested of this version is not known · lived by ${instances}`
    : `green: tested and lived ${tested.both} · blue: tested only ${tested.tested} · red: lived only ${tested.lived} · dotted: neither ${tested.neither}`;

/** The body, or nothing (304) when the client has it already. */
function answer(reply: FastifyReply, contentType: string, body: string, known: string | undefined): string | undefined {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, ETAG_LENGTH)}"`;
  // A picture of an instance is for its parties only, and changes with its next step.
  void reply.headers({ etag, 'cache-control': 'private, no-cache', 'content-security-policy': CONTENT_POLICY });
  if (known?.split(/\s*,\s*/).some((tag) => tag.replace(/^W\//, '') === etag)) return void reply.code(304);
  void reply.type(contentType);
  return body;
}

const ETAG_LENGTH = 22;
const CONTENT_POLICY = "default-src 'none'; sandbox";
