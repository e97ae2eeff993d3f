import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { MayBeAbsent, VISIBLE } from '../../platform/validation.js';
import { PageMetadata, Paged } from '../envelope.js';
import { IsHeaders, RequestAuth } from '../library/request.dto.js';

/** What integrations may be called. */
export const INTEGRATION_ID = /^[A-Za-z0-9_-]{1,64}$/;
const TYPE = /^[a-z][a-z0-9_-]{0,39}$/;
/** An address that others are below: nothing behind `?` or `#`. */
const ENDPOINT = /^https?:\/\/[^\s@?#]+$/;
const NOT_AN_ENDPOINT = 'endpoint must be an address, without user and password, ? and #';
const NOT_A_TYPE = 'type must be a word in lower case, like api, webhook or database';

/** How an integration stands. `error`: the last request that went through it was turned away or not answered; `inactive`: it is switched off. */
export const INTEGRATION_STATUSES = ['active', 'inactive', 'error'] as const;
export type IntegrationStatus = (typeof INTEGRATION_STATUSES)[number];

/** Where a service is and what it wants to see. What is a secret is sealed, and shown as `(hidden)`. */
export class IntegrationConfig {
  /** What the addresses of requests begin with: `https://api.example.com/v1`. */
  @IsString() @MaxLength(2_000) @Matches(ENDPOINT, { message: NOT_AN_ENDPOINT }) endpoint!: string;
  @MayBeAbsent() @IsObject() @ValidateNested() @Type(() => RequestAuth) auth?: RequestAuth;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  @MayBeAbsent()
  @IsObject()
  @IsHeaders()
  headers?: { [name: string]: string };
  /** Notes for those who work with it; no place for secrets. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  settings?: { [name: string]: Json };
}

/** Body of `POST /api/automation/integrations`. */
export class CreateIntegration {
  /** An id of your own; one is made when left out. */
  @MayBeAbsent() @IsString() @Matches(INTEGRATION_ID) id?: string;
  @IsString() @MinLength(1) @MaxLength(200) @Matches(VISIBLE, { message: 'name must not be blank' }) name!: string;
  @IsString() @Matches(TYPE, { message: NOT_A_TYPE }) type!: string;
  @IsObject() @ValidateNested() @Type(() => IntegrationConfig) config!: IntegrationConfig;
  /** True when left out. */
  @MayBeAbsent() @IsBoolean() enabled?: boolean;
}

/** Body of `PATCH /api/automation/integrations/{id}`: what is left out stays; `config` is replaced as a whole. */
export class ChangeIntegration {
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(200) @Matches(VISIBLE) name?: string;
  @MayBeAbsent() @IsString() @Matches(TYPE, { message: NOT_A_TYPE }) type?: string;
  @MayBeAbsent() @IsObject() @ValidateNested() @Type(() => IntegrationConfig) config?: IntegrationConfig;
  @MayBeAbsent() @IsBoolean() enabled?: boolean;
}

/** Query of `GET /api/automation/integrations`. */
export class ListIntegrations extends Paged {
  @IsOptional() @IsString() @Matches(TYPE, { message: NOT_A_TYPE }) type?: string;
  @ApiPropertyOptional({ enum: INTEGRATION_STATUSES })
  @IsOptional()
  @IsIn(INTEGRATION_STATUSES)
  status?: IntegrationStatus;
}

/** An integration, without its secrets. */
export class IntegrationView {
  id!: string;
  name!: string;
  type!: string;
  @ApiProperty({ type: () => IntegrationConfig }) config!: object;
  enabled!: boolean;
  @ApiProperty({ enum: INTEGRATION_STATUSES }) status!: IntegrationStatus;
  /** When it last answered a request with success. */
  lastSync!: Date | null;
  lastError!: string | null;
  createdAt!: Date;
  updatedAt!: Date;
}

/** Answer with one integration. */
export class IntegrationAnswer {
  success!: boolean;
  data!: IntegrationView;
}

/** Answer of `GET /api/automation/integrations`. */
export class IntegrationPage {
  success!: boolean;
  @ApiProperty({ type: () => [IntegrationView] }) data!: IntegrationView[];
  metadata!: PageMetadata;
}

/** That an integration is gone. */
export class IntegrationRemoved {
  id!: string;
  deleted!: boolean;
}

/** Answer of `DELETE /api/automation/integrations/{id}`. */
export class IntegrationDeleted {
  success!: boolean;
  data!: IntegrationRemoved;
}
