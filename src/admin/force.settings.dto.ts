import { ArrayMaxSize, IsArray, IsString, Matches } from 'class-validator';

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

/** Whether the tenant wants two for it. */
export const needsSecond = ({ secondApproverFor }: ForceSettings, lifecycle: string): boolean =>
  secondApproverFor.includes('*') || secondApproverFor.includes(lifecycle);
