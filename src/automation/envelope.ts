/** How workflows and their executions are answered (R002-12), and how their lists are paged (R002-38). */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { Digits } from '../platform/paging.js';

const DEFAULT_LIMIT = 50;
const MOST = 200;
const LAST_PAGE = 10_000;

/** Query of lists. */
export class Paged {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LAST_PAGE, default: 1 })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(LAST_PAGE)
  page: number = 1;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST, default: DEFAULT_LIMIT })
  @IsOptional()
  @Digits()
  @IsInt()
  @Min(1)
  @Max(MOST)
  limit: number = DEFAULT_LIMIT;
}

/** Which page a list is, and whether there are more. */
export class PageMetadata {
  @ApiProperty() page!: number;
  @ApiProperty() limit!: number;
  @ApiProperty() total!: number;
  @ApiProperty() hasMore!: boolean;
}

/** A page of a list. */
export interface Page<Row> {
  rows: Row[];
  total: number;
}

export const succeeded = <T>(data: T): { success: true; data: T } => ({ success: true, data });

/** A page with where it stands. */
export const paged = <T>(
  { page, limit }: Paged,
  { rows, total }: Page<T>,
): { success: true; data: T[]; metadata: PageMetadata } => ({
  success: true,
  data: rows,
  metadata: { page, limit, total, hasMore: page * limit < total },
});
