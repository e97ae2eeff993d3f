import { applyDecorators, ValidationPipe, type ValidationError } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
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

/** The field may be left out. Unlike `IsOptional` it may not be null, which would slip past a default value. */
export const MayBeAbsent = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_, value) => value !== undefined),
    ApiPropertyOptional(),
  );
