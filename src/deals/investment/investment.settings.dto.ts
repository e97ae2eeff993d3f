import { IsIn, IsInt, Max, Min } from 'class-validator';
import { DAY_MS, Deadline, HOUR_MS } from '../deadline.js';

/** What a tenant may set for investments; a deal keeps the settings it began with (R000-101). */
export class InvestmentSettings {
  /** The creator's decision. */
  @Deadline() creatorDecisionMs: number = 7 * DAY_MS;
  /** The investor's answer to a counter-offer. */
  @Deadline() investorCounterMs: number = 3 * DAY_MS;
  /** Both signatures under the term sheet. */
  @Deadline() termSheetMs: number = 3 * DAY_MS;
  /** Between two reminders of open due diligence. */
  @Deadline() diligenceReminderMs: number = 30 * DAY_MS;
  /** The investor's final confirmation. */
  @Deadline() commitmentMs: number = 48 * HOUR_MS;
  /** The payment. */
  @Deadline() escrowMs: number = 7 * DAY_MS;
  /** Both signatures under the closing documents. */
  @Deadline() closingMs: number = 7 * DAY_MS;
  /** From the authorisation of a card to the day before it lapses (R000-81). */
  @Deadline() holdExpiringMs: number = 6 * DAY_MS;
  /** From both signatures to the transfer of money that came from a bank account. */
  @Deadline() bankRiskMs: number = 5 * DAY_MS;
  /** Counter-offers of both sides together (R000-33). */
  @IsInt() @Min(0) @Max(50) maxCounterOffers: number = 5;
  /** The most that an investment may come to, US dollars (R000-37, R000-38). */
  @IsInt() @Min(1_000) @Max(1_000_000_000) maxAmount: number = 10_000_000;
  /** Deals that an investor may begin in an hour (R000-38); 0 for no limit. */
  @IsInt() @Min(0) @Max(100_000) maxDealsPerHour: number = 0;
  /** When a hold is captured: at FUNDED, or already in CLOSING once it is about to lapse (R000-81). */
  @IsIn(['funded', 'closing']) captureOn: 'funded' | 'closing' = 'closing';
}
