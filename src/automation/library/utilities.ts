import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import { IsDefined, IsIn, IsObject, IsString, MaxLength, MinLength } from 'class-validator';
import { evaluate, Unevaluable } from '../../../machines/execution.evaluate.js';
import type { Fields } from '../../../machines/execution.types.js';
import type { Action } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import { Log } from '../../platform/logger.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { NoExpression, parseExpression } from '../workflows/expression.js';
import { aboutOf } from './about.js';
import { flawsOf, type Rules } from './rules.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Parameters of `transform_data`. */
export class TransformDataParams {
  @ApiProperty({}) @IsDefined() data!: Json;
  /** An expression in which `data` is what is given. */
  @IsString() @MinLength(1) @MaxLength(10_000) transformation!: string;
}

/** Parameters of `validate_data`. */
export class ValidateDataParams {
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsObject() data!: { [name: string]: Json };
  /** `{field: {required?, type?, min?, max?}}`. */
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsObject() schema!: Rules;
}

/** Parameters of `log_event`. */
export class LogEventParams {
  @IsString() @MinLength(1) @MaxLength(2_000) message!: string;
  @MayBeAbsent() @IsIn(LEVELS) level?: (typeof LEVELS)[number];
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  @MayBeAbsent()
  @IsObject()
  data?: { [name: string]: Json };
}

/** What needs nobody outside (R002-69). */
@Injectable()
export class Utilities {
  constructor(private readonly log: Log) {}

  readonly transform: Action<TransformDataParams> = {
    ...common('transform_data', 'Make something of data', TransformDataParams),
    run: ({ data, transformation }) => {
      try {
        const fields: Fields = typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {};
        const output = evaluate(parseExpression(transformation), { ...fields, data: data });
        return Promise.resolve({ kind: 'done', output });
      } catch (error) {
        if (!(error instanceof NoExpression || error instanceof Unevaluable)) throw error;
        return Promise.resolve({ kind: 'failed', code: 'EXPRESSION_FAILED', reason: error.message });
      }
    },
  };

  readonly validate: Action<ValidateDataParams> = {
    ...common('validate_data', 'Check data against rules', ValidateDataParams),
    run: ({ data, schema }) => {
      const errors = flawsOf(data, schema);
      return Promise.resolve({ kind: 'done', output: { valid: errors.length === 0, errors } });
    },
  };

  readonly logEvent: Action<LogEventParams> = {
    ...common('log_event', 'Write a line to the log', LogEventParams),
    run: ({ message, level = 'info', data = {} }, { tenant, instanceId }) => {
      this.log[level]('workflow.log', { tenant, instanceId, message, data });
      return Promise.resolve({ kind: 'done', output: { logged: true } });
    },
  };
}

const common = <Params extends object>(type: string, title: string, Params: new () => Params) => ({
  type,
  title,
  kind: 'data' as const,
  permission: 'automation.write' as const,
  Params,
  about: aboutOf(type),
});
