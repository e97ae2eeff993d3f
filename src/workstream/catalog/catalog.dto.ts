import { IsBoolean, IsIn } from 'class-validator';
import { MayBeAbsent } from '../../platform/validation.js';
import { Clearable, CursorPage, IdOf, OfOrg, Pagination, Words } from '../workstream.dto.js';

/** What an entry of a catalogue says; all of it may change. */
class EntryWords extends OfOrg {
  @Clearable() @Words(100) category?: string | null;
  @Clearable() @Words(2_000) description?: string | null;
  /** What is not active is chosen no more; candidates that have it keep it. */
  @MayBeAbsent() @IsBoolean() is_active?: boolean;
}

/** Body of `POST /api/workstream/problems`. */
export class CreateProblem extends EntryWords {
  /** No two are called the same, however they are written. */
  @Words(200) name!: string;
}
/** Body of `PUT /api/workstream/problems/:problem_id`. */
export class ChangeProblem extends EntryWords {
  @MayBeAbsent() @Words(200) name?: string;
}
/** Body of `POST /api/workstream/solutions`. */
export class CreateSolution extends CreateProblem {
  /** The problem it is for. */
  @Clearable() @IdOf() problem_id?: number | null;
}
/** Body of `PUT /api/workstream/solutions/:solution_id`. */
export class ChangeSolution extends ChangeProblem {
  /** The problem it is for. */
  @Clearable() @IdOf() problem_id?: number | null;
}

/** Query of the catalogues. */
export class ListEntries extends CursorPage {
  @MayBeAbsent() @IsIn(['true', 'false']) active?: 'true' | 'false';
}

class EntryView {
  org_id!: number;
  name!: string;
  category!: string | null;
  description!: string | null;
  is_active!: boolean;
  created_at!: Date;
  created_by!: string;
  updated_at!: Date;
}
/** Something that prospects need (R001-13). */
export class ProblemView extends EntryView {
  problem_id!: number;
}
/** Something that we offer (R001-13). */
export class SolutionView extends EntryView {
  solution_id!: number;
  problem_id!: number | null;
}
/** One page, in the order in which they were written. */
export class ProblemPage {
  data!: ProblemView[];
  pagination!: Pagination;
  nextCursor!: string | null;
}
/** One page, in the order in which they were written. */
export class SolutionPage {
  data!: SolutionView[];
  pagination!: Pagination;
  nextCursor!: string | null;
}

/** Why a pursuit can be lost (R001-13). */
export class LostReason {
  reason_code!: string;
  /** Where the reason lies: `prospect`, `market`, `product` or `other`. */
  category!: string;
}
export class LostReasonList {
  data!: LostReason[];
}
