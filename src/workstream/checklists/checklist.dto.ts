import { IsBoolean } from 'class-validator';
import { MayBeAbsent } from '../../platform/validation.js';
import { Clearable, Ref, Words } from '../workstream.dto.js';

/** Body of `PATCH /api/pursuits/:pursuit_id/checklist/:item_id` (R001-42). */
export class ChangeItem {
  /** Ticks the item, or takes the tick back. */
  @MayBeAbsent() @IsBoolean() is_done?: boolean;
  /** Evidence in words. */
  @Clearable() @Words(2_000) note?: string | null;
  /** Evidence on paper: the key or the address of a document. */
  @Clearable() @Words(500) document_ref?: string | null;
  /** Who is to see to it. */
  @Clearable() @Ref() owner_user_id?: string | null;
}

/** Body of `POST /api/pursuits/:pursuit_id/checklist/:item_id/waive`. */
export class WaiveItem {
  @Words(1_000) reason!: string;
}

/** Something that has to be done before a gate opens. */
export class PursuitChecklistItem {
  item_id!: number;
  pursuit_id!: number;
  gate!: string;
  item_key!: string;
  label!: string;
  is_required!: boolean;
  /** Not asked for when the pursuit is lost. */
  won_only!: boolean;
  owner_user_id!: string | null;
  is_done!: boolean;
  done_at!: Date | null;
  done_by!: string | null;
  note!: string | null;
  document_ref!: string | null;
  waived_at!: Date | null;
  waived_by!: string | null;
  waive_reason!: string | null;
}

/** How far a gate has come, by its required items. */
export class GateProgress {
  gate!: string;
  total!: number;
  done!: number;
  /** 0 to 100, one decimal. */
  completion_percentage!: number;
  missing_items!: string[];
}

/** A checklist, whole, with how far each gate has come. */
export class PursuitChecklist {
  data!: PursuitChecklistItem[];
  gates!: GateProgress[];
}
