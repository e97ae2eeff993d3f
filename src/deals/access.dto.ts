import { IsIn, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { PageQuery } from '../platform/paging.js';
import { IsMoment, MayBeAbsent } from '../platform/validation.js';
import { ACCESS_TYPES, type AccessType } from './access.js';

const ID = /^[A-Za-z0-9_.:-]{1,128}$/;
const NOT_AN_ID = { message: '$property must be 1 to 128 letters, digits or any of _ . : -' };

/** Query of `GET /api/pitch-access`. */
export class ListAccess extends PageQuery {
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) userId?: string;
  @MayBeAbsent() @Matches(ID, NOT_AN_ID) pitchId?: string;
  /** `live` has neither been revoked nor expired. */
  @MayBeAbsent() @IsIn(['live', 'ended']) status?: 'live' | 'ended';
}

/** Body of `POST /admin/pitch-access`. */
export class GrantAccess {
  @Matches(ID, NOT_AN_ID) userId!: string;
  @Matches(ID, NOT_AN_ID) pitchId!: string;
  @IsIn(ACCESS_TYPES) accessType!: AccessType;
  /** For ever when it is left out. */
  @MayBeAbsent() @IsMoment() expiresAt?: string;
  /** For the record of what administrators do. */
  @IsString() @MinLength(3) @MaxLength(1_000) reason!: string;
}

/** Body of `POST /admin/pitch-access/:id/revoke`. */
export class RevokeAccess {
  @IsString() @MinLength(3) @MaxLength(1_000) reason!: string;
}

/** A right to see a pitch (R000-93). */
export class AccessView {
  id!: string;
  user_id!: string;
  pitch_id!: string;
  access_type!: string;
  /** The kind of deal it comes from, or `admin`. */
  granted_via!: string;
  granted_via_id!: string;
  granted_at!: Date;
  expires_at!: Date | null;
  revoked_at!: Date | null;
  /** Whether it holds now. */
  live!: boolean;
}

/** Answer of `GET /api/pitch-access`, newest first. */
export class AccessPage {
  data!: AccessView[];
  /** Null on the last page. */
  nextCursor!: string | null;
  /** On all pages. */
  total!: number;
}
