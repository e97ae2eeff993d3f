import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { MayBeAbsent } from '../platform/validation.js';
import { ROLES, type Role } from './caller.js';

const DEFAULT_TTL_SECONDS = 3_600;
const MAX_TTL_SECONDS = 86_400;
// What begins with system: is the engine's own name for providers, timers and workers.
const USER_ID = { message: 'userId must be 1 to 128 letters, digits or any of _ . : @ -, not beginning with system:' };

/** Whom a new credential speaks for. */
class Grant {
  /** User of the administrator's tenant. */
  @IsString() @Matches(/^(?!system:)[\w.:@-]{1,128}$/, USER_ID) userId!: string;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(ROLES.length) @ArrayUnique() @IsIn(ROLES, { each: true }) roles!: Role[];
}

/** Body of `POST /admin/tokens`. */
export class MintToken extends Grant {
  /** Seconds the token is good for, 1 to 86400. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(MAX_TTL_SECONDS) ttl: number = DEFAULT_TTL_SECONDS;
}

/** Body of `POST /admin/api-keys`. */
export class CreateApiKey extends Grant {
  /** What the key is for. */
  @MayBeAbsent() @IsString() @MaxLength(200) label: string = '';
}

/** Answer of `POST /admin/tokens`. */
export class MintedToken {
  token!: string;
  tokenType!: 'Bearer';
  userId!: string;
  roles!: Role[];
  /** Seconds. */
  expiresIn!: number;
  expiresAt!: Date;
}

/** A key without its secret. */
export class ApiKeyView {
  id!: string;
  /** Its first characters. */
  hint!: string;
  userId!: string;
  roles!: string[];
  label!: string;
  createdAt!: Date;
  createdBy!: string;
  /** To the minute. */
  lastUsedAt!: Date | null;
  revokedAt!: Date | null;
}

/** Answer of `POST /admin/api-keys`: the only time the key is shown. */
export class CreatedApiKey extends ApiKeyView {
  key!: string;
}

/** A page of keys, newest first. */
export class ApiKeyPage {
  data!: ApiKeyView[];
  nextCursor!: string | null;
}
