import { IsIn } from 'class-validator';
import { MayBeAbsent } from '../../platform/validation.js';
import { NumberedPage, Pagination } from '../workstream.dto.js';

/** Query of `GET /api/workstream/identity-conflicts`. */
export class ListConflicts extends NumberedPage {
  @MayBeAbsent() @IsIn(['open', 'merged', 'kept_apart']) status?: 'open' | 'merged' | 'kept_apart';
}

/** Body of `POST /api/workstream/identity-conflicts/:conflict_id/resolve`. */
export class ResolveConflict {
  /** `merge`: both are one person; `keep_apart`: two people share an address or a number. */
  @IsIn(['merge', 'keep_apart']) resolution!: 'merge' | 'keep_apart';
}

/** A signal whose address says one person and whose number another (R001-19). */
export class ConflictView {
  conflict_id!: number;
  signal_id!: number;
  /** The person its address says. */
  cluster_id!: number;
  /** The person its number says. */
  other_cluster_id!: number;
  status!: string;
  created_at!: Date;
  resolved_at!: Date | null;
  resolved_by!: string | null;
  /** The merge, which can be rolled back; null when there was none. */
  merge_id!: number | null;
}

/** One page of conflicts, newest first. */
export class ConflictPage {
  data!: ConflictView[];
  pagination!: Pagination;
}

/** How far signals are told apart by who they are from. */
export class IdentityStatus {
  signals!: number;
  /** Signals that say who they are from. */
  identified!: number;
  clusters!: number;
  keys!: { email: number; phone: number; domain: number };
  open_conflicts!: number;
  merges!: number;
}
