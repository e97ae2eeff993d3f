import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { tap, type Observable } from 'rxjs';
import type { Caller } from '../../auth/caller.js';
import { ERRORS, Refused } from '../../platform/errors.js';
import { Requests } from './requests.js';

/** Notes of each request how long it took, and whether it was our fault that it failed. */
@Injectable()
export class Timing implements NestInterceptor {
  constructor(private readonly requests: Requests) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { caller: Caller }>();
    const endpoint = `${request.method} ${request.routeOptions.url ?? ''}`;
    const began = performance.now();
    const note = (isFailed: boolean) =>
      this.requests.note(request.caller.tenant, endpoint, performance.now() - began, isFailed, Date.now());
    return next.handle().pipe(
      tap({
        complete: () => note(false),
        error: (error: unknown) => note(!(error instanceof Refused) || ERRORS[error.code].status >= 500),
      }),
    );
  }
}
