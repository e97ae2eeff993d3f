import { IsIn } from 'class-validator';
import { Words } from '../workstream.dto.js';

/** Body of `POST` and `DELETE /api/<items>/:id/links` (R001-11). */
export class WorkLink {
  @IsIn(['thread', 'doc']) link_type!: 'thread' | 'doc';
  /** What is at the other end, in the words of its system: `slack`, `gmail`, `drive`. */
  @Words(40) target_type!: string;
  /** Its id or address there. */
  @Words(500) target_ref!: string;
}

/** A conversation or a document that belongs to an item. */
export class WorkLinkView extends WorkLink {
  item_type!: string;
  item_id!: number;
  created_at!: Date;
  created_by!: string;
}

/** The links of an item, oldest first. */
export class WorkLinkList {
  data!: WorkLinkView[];
}
