import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength, MinLength } from 'class-validator';
import { MayBeAbsent } from '../../platform/validation.js';
import { NumberedPage, OfOrg, Pagination } from '../workstream.dto.js';
import { SOURCE_TYPES, type SourceType } from './signal.dto.js';

/** As many as a body of JSON may have. */
const MOST_CHARACTERS = 1_048_576;

/** Query of `POST /api/signals/import`, for bodies that are the file itself. */
export class ImportQuery extends OfOrg {
  /** Of rows that name no source; `note` when left out. */
  @MayBeAbsent() @IsIn(SOURCE_TYPES) source_type?: SourceType;
}

/** Body of `POST /api/signals/import`; a body of `text/csv` is the file itself, and may be larger. What it says counts before the query. */
export class ImportSignals extends ImportQuery {
  /** The file: CSV in UTF-8, its header names fields of a signal. At most 100,000 rows, here in 1 MB. */
  @ApiPropertyOptional({ example: 'source_type,contact_email,problem_phrase\nemail,ann@example.com,slow website' })
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(MOST_CHARACTERS)
  csv?: string;
}

/** A row that was not taken in. */
export class SignalImportError {
  /** Of the file; the header is line 1. A row with line breaks is known by its last line. */
  line!: number;
  message!: string;
}

/** How far a file is. */
export class ImportView {
  import_id!: string;
  status!: 'working' | 'done' | 'cancelled' | 'failed';
  /** Rows of the file. */
  total!: number;
  processed!: number;
  /** Of those processed: new signals, signals that were here before, rows that are none. */
  created!: number;
  duplicates!: number;
  rejected!: number;
  /** 0 to 100. */
  progress_pct!: number;
  created_by!: string;
  created_at!: Date;
  finished_at!: Date | null;
  /** The first hundred rows that were not taken in; `/errors` has all of them. */
  errors!: SignalImportError[];
}

/** Query of `GET /api/signals/import/:import_id/errors`. */
export class ListImportErrors extends NumberedPage {}

/** One page of rows that were not taken in, in the order of the file. */
export class ImportErrorPage {
  data!: SignalImportError[];
  pagination!: Pagination;
}
