import { IsBoolean, IsEmail, IsInt, IsString, Max, MaxLength, Min, MinLength, ValidateIf } from 'class-validator';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';

/** Body of `PUT /admin/requesters/:id`: what the tenant's own systems know of somebody who asks for NDAs (R000-70). */
export class PutRequester {
  @IsString() @MinLength(1) @MaxLength(200) name!: string;
  @IsEmail() email!: string;
  @IsBoolean() emailVerified!: boolean;
  /** When the account was made. */
  @MayBeAbsent() @IsMoment() accountSince?: string;
  /** Somebody has marked the account. */
  @IsBoolean() suspicious: boolean = false;
  /** 0 to 100; null when it is not known. */
  @ValidateIf((_, value) => value !== null)
  @IsInt()
  @Min(0)
  @Max(100)
  trustScore: number | null = null;
  /** Breaches of NDAs and disputes so far. */
  @IsInt() @Min(0) @Max(100_000) breaches: number = 0;
}

/** A requester as the tenant knows him. */
export class RequesterView {
  id!: string;
  name!: string;
  email!: string;
  emailVerified!: boolean;
  accountSince!: Date | null;
  suspicious!: boolean;
  trustScore!: number | null;
  breaches!: number;
}
