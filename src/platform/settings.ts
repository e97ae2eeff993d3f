import { Injectable } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Tx } from './database.js';
import { refuse } from './errors.js';
import { fieldErrors } from './validation.js';

/**
 * An area of settings: a class whose fields hold the product's defaults and carry the rules (class-validator) for what a tenant
 * may set instead.
 */
export type SettingsShape<T extends object> = new () => T;

/** What a tenant set differently from the product's defaults. */
@Injectable()
export class Settings {
  /** The tenant's settings of an area, defaults included. */
  async read<T extends object>(tx: Tx, area: string, Shape: SettingsShape<T>): Promise<T> {
    const row = await tx.one<{ value: object }>('select value from engine.settings where tenant = $1 and area = $2', [
      tx.tenant,
      area,
    ]);
    return plainToInstance(Shape, stillKnown(Shape, row?.value ?? {}));
  }

  /** Whether the tenant ever set anything of an area. */
  async isSet(tx: Tx, area: string): Promise<boolean> {
    return (
      (await tx.one('select 1 from engine.settings where tenant = $1 and area = $2', [tx.tenant, area])) !== undefined
    );
  }

  /** Changes the named settings and leaves the others; null takes the default back. Answers all of them. @throws WF006 */
  async write<T extends object>(
    tx: Tx,
    area: string,
    Shape: SettingsShape<T>,
    changes: object,
    by: string,
  ): Promise<T> {
    const key = [tx.tenant, area];
    // The row has to exist before it can be locked.
    await tx.run(
      `insert into engine.settings (tenant, area, value, updated_by) values ($1, $2, '{}', $3) on conflict do nothing`,
      [...key, by],
    );
    const row = await tx.one<{ value: object }>(
      'select value from engine.settings where tenant = $1 and area = $2 for update',
      key,
    );
    const kept = stillKnown(Shape, row?.value ?? {});
    const value = Object.fromEntries(Object.entries({ ...kept, ...changes }).filter(([, setting]) => setting !== null));
    const effective = plainToInstance(Shape, value);
    const errors = validateSync(effective, { whitelist: true, forbidNonWhitelisted: true });
    if (errors.length > 0)
      throw refuse('WF006', { detail: `These ${area} settings are not valid.`, errors: fieldErrors(errors) });
    await tx.run(
      'update engine.settings set value = $3, updated_at = clock_timestamp(), updated_by = $4 where tenant = $1 and area = $2',
      [...key, JSON.stringify(value), by],
    );
    return effective;
  }
}

/** Leaves out what an older version of the product knew and this one does not. */
function stillKnown(Shape: new () => object, stored: object): object {
  const known = Object.keys(new Shape());
  return Object.fromEntries(Object.entries(stored).filter(([name]) => known.includes(name)));
}
