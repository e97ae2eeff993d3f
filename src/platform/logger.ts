import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
type Fields = Readonly<Record<string, unknown>>;

/** Fields that are secret wherever they turn up. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'apiKey',
  'token',
  'secret',
  'password',
  'client_secret',
  'clientSecret',
  'privateKey',
];
/** Secrets that are part of a text: our keys, bearer tokens, JWTs, Stripe's keys and client secrets, passwords in URLs. */
const SECRET_TEXTS =
  /\bsw_[\w-]{16,}|(?<=Bearer )[\w.~+/=-]{8,}|\beyJ[\w-]+\.[\w-]+\.[\w-]+|\b(?:[srp]k|whsec)_[\w]{8,}|\bpi_\w+_secret_\w+|(?<=:\/\/[^\s:/@]{1,64}:)[^\s:/@]{1,256}(?=@)/g;
const HIDDEN = '[hidden]';
/** Parts of Nest that tell each module and route they come across, which is of interest to a developer only. */
const NARRATORS = new Set(['NestFactory', 'NestApplication', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/** Lines of one kind in a second, for what happens with every request. */
const LINES_PER_SECOND = 100;

/** The structured log: one JSON object per line, `{ timestamp, level, event, … }` (R000-6). Secrets are taken out of every line. */
export class Log {
  private readonly pino: Logger;
  private readonly plain: Logger;
  private readonly counted = new Map<string, { second: number; lines: number; leftOut: number }>();

  constructor(level: LogLevel, destination?: DestinationStream) {
    const options = {
      level,
      base: null,
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label: string) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: HIDDEN },
      hooks: { streamWrite: (line: string) => line.replace(SECRET_TEXTS, HIDDEN) },
    };
    this.pino = destination ? pino(options, destination) : pino(options);
    // Looking for secret fields costs more than the line itself.
    this.plain = this.pino.child({}, { redact: [] });
  }

  debug(event: string, fields: Fields = {}): void {
    this.pino.debug({ event, ...fields });
  }

  info(event: string, fields: Fields = {}): void {
    this.pino.info({ event, ...fields });
  }

  /**
   * For what happens with every request, with fields that are never secret: writes up to 100 lines of a kind in a second, so that the log
   * takes nothing from the work under load. The first line after a busy second says how many were `leftOut`.
   */
  often(event: string, fields: Fields): void {
    if (!this.pino.isLevelEnabled('info')) return;
    const second = Math.floor(performance.now() / 1000);
    const count = this.counted.get(event) ?? { second, lines: 0, leftOut: 0 };
    this.counted.set(event, count);
    if (count.second !== second) Object.assign(count, { second, lines: 0 });
    if (++count.lines > LINES_PER_SECOND) count.leftOut += 1;
    else if (count.leftOut === 0) this.plain.info({ event, ...fields });
    else {
      this.plain.info({ event, ...fields, leftOut: count.leftOut });
      count.leftOut = 0;
    }
  }

  warn(event: string, fields: Fields = {}): void {
    this.pino.warn({ event, ...fields });
  }

  error(event: string, error: unknown, fields: Fields = {}): void {
    this.pino.error({ event, ...fields, error: described(error) });
  }
}

/** The log line of a transition (R000-6); `duration` in milliseconds. */
export const logTransition = (
  log: Log,
  transition: {
    workflowInstanceId: string;
    lifecycle: string;
    tenant: string;
    trigger: string;
    fromState: string | null;
    toState: string;
    duration: number;
    correlationId: string;
  },
): void => log.often('state_transition', transition);

/** Nest's own messages in the same format. */
export class FrameworkLog implements LoggerService {
  constructor(private readonly logger: Log) {}

  log(message: unknown, context = ''): void {
    if (NARRATORS.has(context)) this.debug(message, context);
    else this.logger.info('framework', { message: String(message), context });
  }
  debug(message: unknown, context?: string): void {
    this.logger.debug('framework', { message: String(message), context });
  }
  verbose(message: unknown, context?: string): void {
    this.debug(message, context);
  }
  warn(message: unknown, context?: string): void {
    this.logger.warn('framework', { message: String(message), context });
  }
  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error('framework', message, { stack, context });
  }
  fatal(message: unknown, context?: string): void {
    this.error(message, undefined, context);
  }
}

const described = (error: unknown): Fields =>
  error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack, code: (error as { code?: unknown }).code }
    : { message: String(error) };
