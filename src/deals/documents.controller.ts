import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Reading } from '../engine/reading.js';
import { ApiProblems } from '../platform/openapi.problems.js';
import { DocumentList } from './documents.dto.js';
import { Documents } from './documents.js';

/** What was drawn up for a deal, for its parties and for overseers. */
@ApiTags('deals')
@Controller('api/workflows/:type/:id/documents')
export class DocumentsController {
  constructor(
    private readonly reading: Reading,
    private readonly documents: Documents,
  ) {}

  /** The documents of a deal (R000-35, R000-42, R000-60); the risk of an NDA stands in its data, which are for those who see everything. */
  @Get()
  @ApiProblems('WF001')
  async list(
    @CurrentCaller() caller: Caller,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<DocumentList> {
    await this.reading.read(caller, id, type);
    return { data: await this.documents.list(caller, id) };
  }

  /** One document, byte for byte as it was drawn up and sent for signature. */
  @Get(':name')
  @ApiProduces('application/pdf', 'application/json')
  @ApiProblems('WF001', 'NOT_FOUND', 'WF009')
  // Contracts stay out of the caches on the way.
  @Header('Cache-Control', 'private, no-store')
  async download(
    @CurrentCaller() caller: Caller,
    @Param('type') type: string,
    @Param('id') id: string,
    @Param('name') name: string,
  ): Promise<StreamableFile> {
    await this.reading.read(caller, id, type);
    const { document, bytes } = await this.documents.open(caller, id, name);
    return new StreamableFile(bytes, {
      type: document.contentType,
      disposition: `attachment; filename="${document.name}"`,
      length: document.size,
    });
  }
}
