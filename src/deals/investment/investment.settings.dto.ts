import { IsIn, IsInt, Max, Min } from 'class-validator';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 3_650 * DAY_MS;

/** A deadline, milliseconds; at least a second, so that nobody is cut off by a slip of the keyboard. */
const Deadline = (): PropertyDecorator => (target, field) => {
  IsInt()(target, String(field));
  Min(1_000)(target, String(field));
  Max(LONGEST_MS)(target, String(field));
};

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
  /** When a hold is captured: at FUNDED, or already in CLOSING once it is about to lapse (R000-81). */
  @IsIn(['funded', 'closing']) captureOn: 'funded' | 'closing' = 'closing';
}
