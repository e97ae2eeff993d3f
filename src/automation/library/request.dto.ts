import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsObject,
  IsString,
  Matches,
  MaxLength,
  ValidateBy,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import type { Json } from '../../engine/core/driver.js';
import { MayBeAbsent } from '../../platform/validation.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Headers that are the transport's own. */
export const FORBIDDEN_HEADER =
  /^(host|content-length|connection|transfer-encoding|upgrade|te|trailer|keep-alive|proxy-.*)$/i;
/** What a header may be called. */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const VALUE = /^[\t\x20-\x7e]{0,4000}$/;
const URL_PATTERN = /^https?:\/\/[^\s@]+$/;
const PATH_PATTERN = /^\/[^\s]*$/;
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Headers that can be sent. */
export const IsHeaders = (): PropertyDecorator =>
  ValidateBy({
    name: 'isHeaders',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'object' &&
        value !== null &&
        Object.entries(value).every(
          ([name, text]) =>
            HEADER_NAME.test(name) && !FORBIDDEN_HEADER.test(name) && typeof text === 'string' && VALUE.test(text),
        ),
      defaultMessage: () => '$property must be headers: names and texts, without those of the transport',
    },
  });

const isThroughIntegration = (args?: ValidationArguments): boolean =>
  (args?.object as HttpRequestParams | undefined)?.integration !== undefined;

/** An address outside, or with an integration what comes behind its endpoint. */
const IsRequestUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isRequestUrl',
    validator: {
      validate: (value: unknown, args) =>
        typeof value === 'string' && (isThroughIntegration(args) ? PATH_PATTERN : URL_PATTERN).test(value),
      defaultMessage: (args) =>
        isThroughIntegration(args)
          ? 'url must begin with / where there is an integration: it comes behind its endpoint'
          : 'url must be an address, without user and password',
    },
  });

/** An integration says itself who is asking: whoever may change where it leads may not have the secrets of a step. */
const IsAlone = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAlone',
    validator: {
      validate: (_, args) => {
        const { auth, headers } = args?.object as HttpRequestParams;
        return auth === undefined && headers === undefined;
      },
      defaultMessage: () => 'integration has auth and headers of its own; the step has none beside it',
    },
  });

/** With what a request shows who sends it (R002-48). */
export class RequestAuth {
  @IsIn(['none', 'basic', 'bearer', 'api_key']) type!: 'none' | 'basic' | 'bearer' | 'api_key';
  /** `{token}`, `{username, password}`, or `{header, key}`. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  config?: { [name: string]: string };
}

/** Parameters of `http_request`. */
export class HttpRequestParams {
  @IsString() @MaxLength(2_000) @IsRequestUrl() url!: string;
  @MayBeAbsent() @IsIn(METHODS) method?: (typeof METHODS)[number];
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  @MayBeAbsent()
  @IsObject()
  @IsHeaders()
  headers?: { [name: string]: string };
  /** JSON, or a text that is sent as it is. */
  @ApiPropertyOptional({}) @MayBeAbsent() body?: Json;
  @MayBeAbsent() @IsObject() @ValidateNested() @Type(() => RequestAuth) auth?: RequestAuth;
  /** The integration that the request goes through, in the place of `auth` and `headers`; `url` is then a path behind its endpoint. */
  @MayBeAbsent() @IsString() @Matches(ID) @IsAlone() integration?: string;
}
