import { ArrayMaxSize, IsArray, IsOptional, IsString, Matches } from 'class-validator';
import { Reason } from './admin.dto.js';

/** What a tenant may set about forcing. */
export class ForceSettings {
  /** Lifecycles whose instances are forced only when a second administrator agrees; `*` for all. */
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Matches(/^(\*|[a-z][a-z0-9_-]{0,62})$/, { each: true })
  secondApproverFor: string[] = [];

  /** Lifecycles for which whatever is done in bulk needs a second administrator; `*` for all. */
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Matches(/^(\*|[a-z][a-z0-9_-]{0,62})$/, { each: true })
  secondApproverForBulk: string[] = [];
}

/** Body of `POST /admin/force-requests/settings`: the settings as they shall be, and why. What is left out stays. */
export class AskSettings extends Reason {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Matches(/^(\*|[a-z][a-z0-9_-]{0,62})$/, { each: true })
  secondApproverFor?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Matches(/^(\*|[a-z][a-z0-9_-]{0,62})$/, { each: true })
  secondApproverForBulk?: string[];
}

/** Whether something needed two before, and would need one only. */
export const isWeaker = (before: ForceSettings, after: ForceSettings): boolean =>
  isLess(before.secondApproverFor, after.secondApproverFor) ||
  isLess(before.secondApproverForBulk, after.secondApproverForBulk);

const isLess = (before: readonly string[], after: readonly string[]): boolean =>
  !after.includes('*') && before.some((name) => !after.includes(name));

/** Whether the tenant wants two for it. */
export const needsSecond = ({ secondApproverFor }: ForceSettings, lifecycle: string): boolean =>
  secondApproverFor.includes('*') || secondApproverFor.includes(lifecycle);
