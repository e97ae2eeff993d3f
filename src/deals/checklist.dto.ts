import { IsBoolean, IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../platform/validation.js';

/** Body of `PUT /api/workflows/:type/:id/checklist/:item`. */
export class TickItem {
  @IsBoolean() done!: boolean;
  /** Where the proof is: a document key or a sentence. */
  @MayBeAbsent() @IsString() @MaxLength(1_000) evidence?: string;
}

/** An item of a checklist. */
export class ChecklistItem {
  item!: string;
  /** Parties and roles that may tick it. */
  clearedBy!: string[];
  done!: boolean;
  doneBy!: string | null;
  doneAt!: string | null;
  evidence!: string | null;
}

/** A checklist, whole. */
export class Checklist {
  data!: ChecklistItem[];
}
