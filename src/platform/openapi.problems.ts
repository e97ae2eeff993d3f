import { ApiResponse } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from './errors.js';
import { Problem } from './problem.js';

/** The media type of errors in the document, with the schema of `Problem`. */
export const PROBLEM_CONTENT = {
  'application/problem+json': { schema: { $ref: `#/components/schemas/${Problem.name}` } },
};

/** Documents the errors that are particular to a route. Those that every route can give are in the document already. */
export const ApiProblems =
  (...codes: ErrorCode[]): MethodDecorator =>
  (controller, method, route) => {
    for (const status of new Set(codes.map((code) => ERRORS[code].status))) {
      const description = codes
        .filter((code) => ERRORS[code].status === status)
        .map((code) => `\`${code}\` ${ERRORS[code].title}`)
        .join(', ');
      ApiResponse({ status, description, content: PROBLEM_CONTENT })(controller, method, route);
    }
  };
