import type { Environment } from './environment.js';

/** How events from outside are taken in and worked off (R003-32). */
export interface EventsConfig {
  /** Messages that one batch may have. */
  batch: number;
  /** Batches that a process writes down at once; the next ones wait in line. */
  maxConcurrency: number;
  /** Tries of a step after the first. */
  maxRetries: number;
  /** What the dead letters of events are called where they are listed. */
  deadLetters: string;
}

/** With one more a run could not end within its 30 seconds: 1, 2, 4, 8 and 16 seconds between the tries. */
const MOST_RETRIES = 4;
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export function events(env: Environment): EventsConfig {
  const deadLetters = env.text('EVENT_DLQ') ?? 'event-dlq';
  if (!NAME.test(deadLetters))
    env.problems.push(
      'EVENT_DLQ must be 1 to 63 lower-case letters, digits, ., _ or -, beginning with a letter or digit.',
    );
  return {
    batch: env.integer('EVENT_BATCH', 100, 1, 100),
    maxConcurrency: env.integer('EVENT_MAX_CONCURRENCY', 10, 1, 100),
    maxRetries: env.integer('EVENT_MAX_RETRIES', 3, 0, MOST_RETRIES),
    deadLetters,
  };
}
