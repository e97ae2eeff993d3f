import { IsInt, Max, Min } from 'class-validator';

/** What a tenant may set for deals of every kind (R000-99). 0 stands for no limit; the tenant's own systems have none anyway. */
export class DealSettings {
  /** Deals that one user may start in any minute. */
  @IsInt() @Min(0) @Max(10_000) creationsPerMinute: number = 10;
  /** Events with which one user may move deals in any minute. */
  @IsInt() @Min(0) @Max(10_000) transitionsPerMinute: number = 100;
}
