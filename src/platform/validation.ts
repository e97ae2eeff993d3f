import { applyDecorators, ValidationPipe, type ValidationError } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsISO8601, Matches, ValidateIf } from 'class-validator';
import { refuse, type FieldError } from './errors.js';

/** Checks bodies and queries against their classes: unknown fields are refused, nothing is converted silently. @throws WF006 */
export const validation = (): ValidationPipe =>
  new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    transformOptions: { enableImplicitConversion: false },
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => refuse('WF006', { errors: fieldErrors(errors) }),
  });

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

/** The field may be left out. Unlike `IsOptional` it may not be null, which would slip past a default value. */
export const MayBeAbsent = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_, value) => value !== undefined),
    ApiPropertyOptional(),
  );
