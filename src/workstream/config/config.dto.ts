import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsDefined, IsIn, Matches } from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { IsMoment, MayBeAbsent } from '../../platform/validation.js';
import { ANYTHING, OfOrg } from '../workstream.dto.js';
import { CONFIG_TYPES, type ConfigType } from './config.values.js';

const Key = (): PropertyDecorator => Matches(/^[A-Za-z0-9_.:-]{1,100}$/);

/** Query of `GET /api/workstream/config`. */
export class ConfigQuery extends OfOrg {
  @MayBeAbsent() @IsIn(CONFIG_TYPES) config_type?: ConfigType;
  @MayBeAbsent() @Key() config_key?: string;
  /** What was, or will be, in force at this moment; now when left out. */
  @MayBeAbsent() @IsMoment() at?: string;
}

/** Body of `POST /api/workstream/config`. */
export class WriteConfig extends OfOrg {
  @IsIn(CONFIG_TYPES) config_type!: ConfigType;
  @Key() config_key!: string;
  /** The value, or its JSON text. */
  @ApiProperty({
    description: 'The value, or its JSON text',
    oneOf: ANYTHING,
    example: ['budget_confirmed', 'timeline_agreed'],
  })
  @IsDefined()
  config_value!: unknown;
  /** Now when left out. */
  @MayBeAbsent() @IsMoment() effective_from?: string;
  /** For ever when left out. */
  @MayBeAbsent() @IsMoment() effective_to?: string;
  @MayBeAbsent() @IsBoolean() is_active?: boolean;
}

/** A value with the time it is valid in. */
export class ConfigEntry {
  /** Null for the product's own value. */
  config_id!: number | null;
  org_id!: number;
  config_type!: string;
  config_key!: string;
  @ApiPropertyOptional({ description: 'JSON' }) config_value!: Json;
  effective_from!: Date | null;
  effective_to!: Date | null;
  is_active!: boolean;
  created_by!: string;
  /** True for the product's own value, which holds as long as the tenant has none. */
  is_default!: boolean;
}

/** Answer of `GET /api/workstream/config`. */
export class ConfigList {
  data!: ConfigEntry[];
}
