import { Injectable } from '@nestjs/common';
import { GATES, type Gate, type GateItem } from '../../../machines/pursuit.gates.js';
import type { Moves } from '../../../machines/workstream.events.js';
import type { Json } from '../../engine/core/driver.js';
import { audit } from '../../engine/store/audit.js';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { orgIdOf } from '../orgs.js';
import type { ConfigEntry, ConfigQuery, WriteConfig } from './config.dto.js';
import { gateItemsOf, GATE_KEYS, KNOWN_KEYS, type ConfigType } from './config.values.js';

/** What a tenant has configured for its pipeline, valid from a moment on; the past is never rewritten (R001-17). */
@Injectable()
export class ConfigRegistry {
  /** The value in force, or the product's own; undefined when there is neither. */
  async read(tx: Tx, type: ConfigType, key: string): Promise<Json | undefined> {
    const [entry] = await active(tx, { type, key });
    return entry ? entry.config_value : KNOWN_KEYS[`${type}/${key}`]?.standard;
  }

  /** The table of moves in force (R001-25). */
  async moves(tx: Tx, machine: 'candidate' | 'pursuit'): Promise<Moves> {
    return (await this.read(tx, 'state_machine', `${machine}_transitions`)) as unknown as Moves;
  }

  /** What each gate asks for now (R001-30). */
  async gates(tx: Tx): Promise<Record<Gate, GateItem[]>> {
    const entries: [Gate, GateItem[]][] = [];
    for (const gate of GATES)
      entries.push([gate, gateItemsOf((await this.read(tx, 'gate_rule', GATE_KEYS[gate])) ?? [])]);
    return Object.fromEntries(entries) as Record<Gate, GateItem[]>;
  }

  /** Everything in force at a moment, with the product's own values where the tenant has none. */
  async list(tx: Tx, { config_type, config_key, at }: ConfigQuery): Promise<ConfigEntry[]> {
    const rows = await active(tx, { type: config_type, key: config_key, at });
    const org_id = await orgIdOf(tx);
    const own = rows.map((row) => ({ ...row, org_id, is_default: false }));
    const standard = Object.entries(KNOWN_KEYS).flatMap(([name, { standard: value }]) => {
      const [type = '', key = ''] = name.split('/');
      const isAsked = (config_type ?? type) === type && (config_key ?? key) === key;
      const isSet = own.some((entry) => entry.config_type === type && entry.config_key === key);
      return isAsked && !isSet ? [{ ...PRODUCT, org_id, config_type: type, config_key: key, config_value: value }] : [];
    });
    return [...own, ...standard].sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
  }

  /** Adds a value, in force from `effective_from` (now when left out). A value that is not valid changes nothing. @throws WF006 */
  async write(tx: Tx, by: string, body: WriteConfig): Promise<ConfigEntry> {
    const { config_type, config_key, effective_from, effective_to, is_active = true } = body;
    const value = parsed(body.config_value);
    const objection = KNOWN_KEYS[`${config_type}/${config_key}`]?.objection(value);
    if (objection !== undefined)
      throw refuse('WF006', {
        detail: 'The value is not valid.',
        errors: [{ field: 'config_value', message: objection }],
      });
    if (
      effective_to !== undefined &&
      effective_from !== undefined &&
      Date.parse(effective_to) <= Date.parse(effective_from)
    )
      throw refuse('WF006', { errors: [{ field: 'effective_to', message: 'must be later than effective_from' }] });
    const row = await tx.one<Omit<ConfigEntry, 'org_id' | 'is_default'>>(
      `insert into workstream.config_registry (tenant, config_type, config_key, config_value, effective_from, effective_to, is_active, created_by, created_at)
       select engine.tenant(), $1, $2, $3, coalesce($4, moment), $5, $6, $7, moment from (select engine.now() as moment) m
        where $5::timestamptz is null or $5 > coalesce($4, moment)
       returning ${COLUMNS}`,
      [config_type, config_key, JSON.stringify(value), effective_from ?? null, effective_to ?? null, is_active, by],
    );
    if (!row) throw refuse('WF006', { errors: [{ field: 'effective_to', message: 'must be in the future' }] });
    await audit(tx, {
      actor: by,
      action: 'configure',
      target: `${config_type}/${config_key}`,
      reason: 'configuration written',
      details: { configId: row.config_id, value },
    });
    return { ...row, org_id: await orgIdOf(tx), is_default: false };
  }
}

const COLUMNS = 'config_id, config_type, config_key, config_value, effective_from, effective_to, is_active, created_by';

const PRODUCT = {
  config_id: null,
  effective_from: null,
  effective_to: null,
  is_active: true,
  created_by: 'statewright',
  is_default: true,
} as const;

const nameOf = ({ config_type, config_key }: { config_type: string; config_key: string }): string =>
  `${config_type}/${config_key}`;

/** For each key, the row that is valid at the moment; of several the one that began last. */
const active = (
  tx: Tx,
  { type, key, at }: { type?: string | undefined; key?: string | undefined; at?: string | undefined },
): Promise<Omit<ConfigEntry, 'org_id' | 'is_default'>[]> =>
  tx.query(
    `select distinct on (config_type, config_key) ${COLUMNS}
       from workstream.config_registry
      where tenant = engine.tenant() and is_active and ($1::text is null or config_type = $1) and ($2::text is null or config_key = $2)
        and effective_from <= coalesce($3::timestamptz, engine.now())
        and (effective_to is null or effective_to > coalesce($3::timestamptz, engine.now()))
      order by config_type, config_key, effective_from desc, config_id desc`,
    [type ?? null, key ?? null, at ?? null],
  );

/** The value itself, or the JSON text of it. @throws WF006 */
function parsed(value: unknown): Json {
  if (typeof value !== 'string') return value as Json;
  try {
    return JSON.parse(value) as Json;
  } catch {
    throw refuse('WF006', { errors: [{ field: 'config_value', message: 'is not JSON' }] });
  }
}
