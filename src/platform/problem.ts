import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERRORS, type ErrorCode, type FieldError, type RefusalData } from './errors.js';

/** The media type of every error (RFC 9457, X-3). */
export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** One field that is wrong. */
class FieldProblem implements FieldError {
  @ApiProperty({ example: 'payload.amount' }) field!: string;
  @ApiProperty({ example: 'amount must be a positive number' }) message!: string;
}

/** The body of every error. */
export class Problem {
  @ApiProperty({ description: 'The code as a URI', example: 'urn:statewright:error:WF002' }) type!: string;
  @ApiProperty({ description: 'The same for every occurrence' }) title!: string;
  @ApiProperty({ description: 'The HTTP status once more', type: 'integer' }) status!: number;
  @ApiProperty({ description: 'What happened this time' }) detail!: string;
  @ApiProperty({ description: 'What to program against', enum: Object.keys(ERRORS) }) code!: ErrorCode;
  @ApiProperty({ description: 'The path that was asked for' }) instance!: string;
  @ApiProperty({ description: 'Names this request in logs, history and calls to providers' }) correlationId!: string;
  @ApiPropertyOptional({ description: 'Which fields are wrong and why', type: [FieldProblem] })
  errors?: readonly FieldError[];
  @ApiPropertyOptional({ description: 'Why a transition is not possible', type: 'object', additionalProperties: true })
  explanation?: object;
}

/** The request as far as its error needs to know it. */
export interface Asked {
  /** Path and query as sent; only the path is shown. */
  url: string;
  correlationId: string;
}

/** An error as the caller sees it. */
export function problem(code: ErrorCode, data: RefusalData, asked: Asked): Problem {
  const { status, title, sentence } = ERRORS[code];
  return {
    ...data.members,
    type: `urn:statewright:error:${code}`,
    title,
    status,
    detail: data.detail ?? sentence,
    code,
    instance: asked.url.split('?', 1)[0] ?? '/',
    correlationId: asked.correlationId,
    ...(data.errors && { errors: data.errors }),
    ...(data.explanation && { explanation: data.explanation }),
  };
}

/** Headers that belong to an error. */
export const problemHeaders = (code: ErrorCode, data: RefusalData): Record<string, string> => ({
  'content-type': PROBLEM_JSON,
  ...(code === 'UNAUTHENTICATED' && { 'www-authenticate': 'Bearer realm="statewright"' }),
  ...(data.retryAfter !== undefined && { 'retry-after': String(Math.ceil(data.retryAfter)) }),
});
