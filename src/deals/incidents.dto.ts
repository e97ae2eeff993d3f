import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../platform/paging.js';

/** Query of `GET /admin/incidents`. */
export class ListIncidents extends PageQuery {
  @IsOptional() @IsIn(['open', 'closed']) status?: 'open' | 'closed';
}

/** Something that went wrong with a deal beside its lifecycle. */
export class IncidentView {
  id!: string;
  instance_id!: string;
  kind!: 'dispute';
  /** The dispute at the payment provider. */
  provider_id!: string;
  /** Cents. */
  amount_minor!: number;
  status!: 'open' | 'closed';
  opened_at!: Date;
  closed_at!: Date | null;
  /** The provider's words: the payment, its reason and where it stands. */
  details!: object;
}

/** Answer of `GET /admin/incidents`. */
export class IncidentPage {
  data!: IncidentView[];
  /** Null on the last page. */
  nextCursor!: string | null;
}
