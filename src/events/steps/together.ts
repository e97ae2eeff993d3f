import { Gathering } from '../../engine/optimistic/gathering.js';
import { isRefusal } from '../../engine/optimistic/group.commit.js';
import { Refused } from '../../platform/errors.js';

type Ending<Result> = { result: Result } | { error: unknown };

/**
 * Does the same for many events in one transaction: those that are ready at the same moment. When the database or the work itself refuses, each is tried by
 * itself, so that what is wrong with one is no concern of the others (R003-37).
 */
export class Together<Item, Result> {
  private readonly gathered: Gathering<Item, Ending<Result>>;

  /** @param work answers in the order of the items, and may be done twice for any of them */
  constructor(private readonly work: (tenant: string, items: readonly Item[]) => Promise<readonly Result[]>) {
    this.gathered = new Gathering((tenant, items) => this.all(tenant, items));
  }

  /** Resolves when it is durable. @throws what the database said */
  async add(tenant: string, item: Item): Promise<Result> {
    const ending = await this.gathered.add(tenant, item);
    if ('error' in ending) throw ending.error;
    return ending.result;
  }

  private async all(tenant: string, items: readonly Item[]): Promise<Ending<Result>[]> {
    try {
      const results = await this.work(tenant, items);
      return results.map((result) => ({ result }));
    } catch (error) {
      if (items.length === 1 || !(isRefusal(error) || error instanceof Refused)) return items.map(() => ({ error }));
      const endings: Ending<Result>[] = [];
      for (const item of items) endings.push(...(await this.all(tenant, [item])));
      return endings;
    }
  }
}
