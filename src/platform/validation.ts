import { applyDecorators, ValidationPipe, type PipeTransform, type ValidationError } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsISO8601, isISO8601, Matches, ValidateBy, ValidateIf } from 'class-validator';
import { refuse, type FieldError } from './errors.js';
import { rememberRules } from './validation.rules.js';

rememberRules();

/** Checks bodies and queries against their classes: unknown fields are refused, nothing is converted silently. @throws WF006 */
export const validation = (): PipeTransform => {
  const pipe = new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    transformOptions: { enableImplicitConversion: false },
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => refuse('WF006', { errors: fieldErrors(errors) }),
  });
  // What a decorator of ours has read from a request is right already; most parameters are such, and a promise for each has its price.
  return {
    transform: (value: unknown, metadata) => (metadata.type === 'custom' ? value : pipe.transform(value, metadata)),
  };
};

/** class-validator's tree of errors as a list of fields, by their path. */
export const fieldErrors = (errors: readonly ValidationError[], path = ''): FieldError[] =>
  errors.flatMap(({ property, constraints, children }) => {
    const field = [path, property].filter(Boolean).join('.') || 'body';
    return [
      ...Object.values(constraints ?? {}).map((message) => ({ field, message })),
      ...fieldErrors(children ?? [], field),
    ];
  });

/** A day, or a time with its zone. Weeks, ordinal days and zones farther away than any are ISO 8601 too, but no database takes them. */
const MOMENT = /^[12]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):\d\d))?$/;

/** A moment that Postgres understands as it is written: `2026-03-01` or `2026-03-01T12:00:00Z`. */
export const IsMoment = (): PropertyDecorator =>
  applyDecorators(
    IsISO8601({ strict: true }),
    Matches(MOMENT, { message: '$property must be like 2026-03-01 or 2026-03-01T12:00:00Z' }),
  );

/** The same where there is no class to say so. */
export const isMoment = (value: unknown): value is string =>
  isISO8601(value, { strict: true }) && MOMENT.test(value as string);

/** Something to be seen: not only white space, and not only marks that no one sees. */
export const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** A day of the calendar: `2026-03-31`. */
export const IsDay = (): PropertyDecorator =>
  applyDecorators(
    IsISO8601({ strict: true }, { message: '$property must be a day like 2026-03-31' }),
    Matches(/^[12]\d{3}-\d\d-\d\d$/, { message: '$property must be a day like 2026-03-31' }),
  );

/** A number with at most so many decimals. What class-validator has for it throws where a number is written like 1e-7. */
export const IsDecimal = (
  places: number,
  message = `$property must be a number with at most ${places} decimals`,
): PropertyDecorator =>
  ValidateBy({
    name: 'isDecimal',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'number' && Number.isFinite(value) && Number(value.toFixed(places)) === value,
      defaultMessage: () => message,
    },
  });

/** The field may be left out. Unlike `IsOptional` it may not be null, which would slip past a default value. */
export const MayBeAbsent = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_, value) => value !== undefined),
    ApiPropertyOptional(),
  );
