import { Transform } from 'class-transformer';
import { IsArray, IsBoolean, IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../platform/validation.js';

/** Query of `POST /admin/import/:kind`. */
export class ImportQuery {
  /** True checks everything and stores nothing. */
  @MayBeAbsent()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  dryRun: boolean = false;
}

/** Records to import: as data, or as a table. A body of `text/csv` is the table itself. */
export class ImportRecords {
  /** Each with its `id` and the fields of `PUT /admin/<kind>/:id`. */
  @MayBeAbsent() @IsArray() records?: object[];
  /** The first line names the fields. */
  @MayBeAbsent() @IsString() @MaxLength(1_048_576) csv?: string;
}

/** What is wrong with a field. */
export class ImportFieldError {
  field!: string;
  message!: string;
}

/** A record that was not stored. */
export class ImportError {
  /** From 1. */
  row!: number;
  id!: string | null;
  errors!: ImportFieldError[];
}

/** What became of an import. */
export class ImportReport {
  dryRun!: boolean;
  /** Records in the import. */
  total!: number;
  /** Those that were stored, or would have been. */
  stored!: number;
  failed!: number;
  /** Of the first 1,000 that failed. */
  errors!: ImportError[];
}
