import { IsIn, IsInt, Max, Min } from 'class-validator';
import type { drip } from '../../../machines/drip.js';
import type { Payloads } from '../../engine/host.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';
import { OfOrg, Words } from '../workstream.dto.js';
import { DRIP_TEMPLATES, type DripTemplateId } from './drip.letters.js';

/** Body of `POST /api/candidates/:candidate_id/drips`. */
export class StartDrip extends OfOrg {
  @IsIn(DRIP_TEMPLATES, { message: `template_id must be one of: ${DRIP_TEMPLATES.join(', ')}` })
  template_id!: DripTemplateId;
  /** Days between two letters. */
  @IsInt() @Min(1) @Max(365) cadence_days!: number;
  /** When the first letter is due; after the first pause when left out. */
  @MayBeAbsent() @IsMoment() next_run_at?: string;
  /** Letters altogether; as long as the candidate is open when left out. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(100) times?: number;
  /** Words of one's own in each letter. */
  @MayBeAbsent() @Words(2_000) message?: string;
}

/** Body of what stops a drip, for a while or for good. */
export class DripReason {
  @MayBeAbsent() @Words(500) reason?: string;
}
class Nothing {}

/** The payload of each event of a drip. */
export const dripPayloads: Payloads<typeof drip> = {
  'drip.pause': DripReason,
  'drip.stop': DripReason,
  'drip.resume': Nothing,
};

/** Letters to a candidate's contact (R001-13). */
export class DripView {
  drip_id!: number;
  org_id!: number;
  workflow_instance_id!: string;
  candidate_id!: number;
  template_id!: string;
  message!: string | null;
  cadence_days!: number;
  /** Letters altogether; null for as long as the candidate is open. */
  times!: number | null;
  /** Letters that were sent. */
  sent!: number;
  /** Null when none is planned. */
  next_run_at!: Date | null;
  status!: 'active' | 'paused' | 'done';
  last_sent_at!: Date | null;
  /** Why it stands still, or ended; null otherwise. */
  reason!: string | null;
  created_at!: Date;
  created_by!: string;
}

/** The drips of a candidate, newest first. */
export class DripList {
  data!: DripView[];
}

/** A kind of letter. */
export class DripTemplate {
  template_id!: string;
  description!: string;
}
export class DripTemplateList {
  data!: DripTemplate[];
}
