import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Things of one kind, by id, in the order they first came in. What is read is never changed: put a new version. */
export interface Collection<T> {
  get(id: string): T | undefined;
  all(): T[];
  put(id: string, value: T): void;
}

type Change = [kind: string, id: string, value: unknown];

/**
 * What the stand-ins remember, one line for everything a request has changed: on disk before the request is answered, so a
 * process killed at any moment has lost nothing that it told anybody.
 */
export class Journal {
  private readonly kinds = new Map<string, Map<string, unknown>>();
  private changes: Change[] = [];

  /** Reads what is there. A line that was being written when the process died was never answered, and is dropped. */
  constructor(private readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) writeFileSync(file, '', { mode: 0o600 });
    const text = readFileSync(file);
    const whole = text.lastIndexOf('\n') + 1;
    if (whole < text.length) truncateSync(file, whole);
    for (const line of text.subarray(0, whole).toString('utf8').split('\n').filter(Boolean)) {
      for (const [kind, id, value] of JSON.parse(line) as Change[]) this.kind(kind).set(id, value);
    }
  }

  collection<T>(kind: string): Collection<T> {
    return {
      get: (id) => this.kind(kind).get(id) as T | undefined,
      all: () => [...this.kind(kind).values()] as T[],
      put: (id, value) => {
        this.kind(kind).set(id, value);
        this.changes.push([kind, id, value]);
      },
    };
  }

  /** Writes what has been put since the last commit, as one line. */
  commit(): void {
    if (this.changes.length === 0) return;
    appendFileSync(this.file, `${JSON.stringify(this.changes)}\n`);
    this.changes = [];
  }

  /** Forgets everything. */
  clear(): void {
    this.kinds.clear();
    this.changes = [];
    truncateSync(this.file);
  }

  private kind(name: string): Map<string, unknown> {
    const known = this.kinds.get(name);
    if (known) return known;
    const fresh = new Map<string, unknown>();
    this.kinds.set(name, fresh);
    return fresh;
  }
}
