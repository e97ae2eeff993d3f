import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsInt, Max, Min } from 'class-validator';
import { DAY_MS, Deadline, HOUR_MS } from '../deadline.js';

/** What a tenant may set for NDAs; an NDA keeps the settings it began with (R000-101). */
export class NdaSettings {
  /** The creator's review. */
  @Deadline() creatorReviewMs: number = 72 * HOUR_MS;
  /** The review by legal. */
  @Deadline() legalReviewMs: number = 48 * HOUR_MS;
  /** The signature, from the moment it is asked for. */
  @Deadline() signatureMs: number = 7 * DAY_MS;
  /** The signature, from the moment the document has been opened. */
  @Deadline() viewedMs: number = 5 * DAY_MS;
  /** Between two tries to give access. */
  @Deadline() accessRetryMs: number = HOUR_MS;
  /** How many days before its end an NDA says so, each once; those that lie before its beginning are left out (R000-76). */
  @IsArray()
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(3_650, { each: true })
  expiryReminderDays: number[] = [90, 60, 30, 7];
  /** Whether the requester is offered a new NDA when one ends (R000-76). */
  @IsBoolean() offersRenewal: boolean = false;
  /** NDAs that one requester may ask for in 24 hours (R000-78). */
  @IsInt() @Min(1) @Max(100_000) maxRequestsPerDay: number = 10;
}
