import { ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import { APPROVERS, type Approver } from '../../../machines/production.types.js';
import { DAY_MS, Deadline } from '../deadline.js';

/** Whole US dollars; 0 for no limit. */
const Dollars = (): PropertyDecorator => (target, field) => {
  IsInt()(target, String(field));
  Min(0)(target, String(field));
  Max(1_000_000_000)(target, String(field));
};

/** What a tenant may set for production deals; a deal keeps the settings it began with (R000-101). */
export class ProductionSettings {
  /** The creator's answer to an interest. */
  @Deadline() creatorInterestMs: number = 5 * DAY_MS;
  /** The creator's coming back to a company he has put off. */
  @Deadline() creatorWaitlistMs: number = 30 * DAY_MS;
  /** What came of a meeting. */
  @Deadline() meetingMs: number = 7 * DAY_MS;
  /** The company's proposal. */
  @Deadline() proposalMs: number = 14 * DAY_MS;
  /** The creator's answer to a proposal. */
  @Deadline() proposalResponseMs: number = 7 * DAY_MS;
  /** The company's answer to a counter-proposal. */
  @Deadline() counterMs: number = 3 * DAY_MS;
  /** Exclusive negotiation, from its beginning (R000-56). */
  @Deadline() exclusivityMs: number = 30 * DAY_MS;
  /** Approvals and signatures under the contract. */
  @Deadline() contractMs: number = 5 * DAY_MS;
  /** After this long people are told that a production is not done yet, and then again. */
  @Deadline() productionMs: number = 365 * DAY_MS;
  /** Who approves a contract before it is sent for signature (R000-60). */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(APPROVERS, { each: true })
  contractApprovals: Approver[] = ['creator', 'company'];
  /** Projects a company may have before it is not accepted for another one (R000-50). */
  @IsInt() @Min(1) @Max(100_000) maxActiveProjects: number = 10;
  /** Deals that a company may begin in an hour (R000-63); 0 for no limit. */
  @IsInt() @Min(0) @Max(100_000) maxDealsPerHour: number = 0;
  /** The least budget of an offer, by what the company is interested in (R000-63). */
  @Dollars() leastForOption: number = 5_000;
  @Dollars() leastForPurchase: number = 50_000;
  @Dollars() leastForDistribution: number = 10_000;
  @Dollars() leastForCoProduction: number = 0;
  /** Above this a company has to be verified, also at the time it offers (R000-63). */
  @Dollars() verifiedAbove: number = 500_000;
  /** Whether offers have to name territory and duration of the rights, and those for an option its period (R000-63). */
  @IsBoolean() rightsDetails: boolean = false;
  /** Live deals of one pitch (R000-51). */
  @IsInt() @Min(1) @Max(100_000) maxLiveInterests: number = 100;
}
