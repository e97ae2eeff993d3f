import { ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from './errors.js';
import { Problem } from './problem.js';

const CONTENT = { 'application/problem+json': { schema: { $ref: `#/components/schemas/${Problem.name}` } } };

/** Documents the errors that are particular to a route. Those that every route can give are in the document already. */
export const ApiProblems =
  (...codes: ErrorCode[]): MethodDecorator =>
  (controller, method, route) => {
    for (const response of problemResponses(codes)) ApiResponse(response)(controller, method, route);
  };

/** Errors as responses of the document: one for each status, naming its codes. */
export const problemResponses = (codes: readonly ErrorCode[]): ApiResponseOptions[] =>
  [...new Set(codes.map((code) => ERRORS[code].status))].map((status) => ({
    status,
    description: codes
      .filter((code) => ERRORS[code].status === status)
      .map((code) => `\`${code}\` ${ERRORS[code].title}`)
      .join(', '),
    content: CONTENT,
  }));
