import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import { Config } from './config.js';

/** What there is news of. `history` says of which instance, `outbox` of which type of effects. */
export type Topic = 'outbox' | 'timers' | 'inbox' | 'history';

/** Hears of news. Without an id anything may have happened, because news was missed: look for yourself. */
export type Listener = (id?: string) => void;

const CHANNEL = 'statewright';
/** News is gathered this long before it is sent, so that a busy process sends hundreds of messages and not tens of thousands. */
const GATHER_MS = 5;
/** The server does not answer: another connection is tried. */
const SEND_LIMIT_MS = 5_000;
/** Postgres takes less than 8,000 bytes in a message. */
const MESSAGE_LIMIT = 7_900;
const RECONNECT_MS = 1_000;
/** News that waits while the connection is slow or down. When there is more of it, the others are told to look for themselves. */
const MOST_NEWS = 10_000;

/**
 * Tells the loops of all processes that there is work, within milliseconds. News may be late while a connection is down:
 * whoever listens also polls. It is sent outside any transaction, because a NOTIFY inside takes a lock that all commits share.
 */
@Injectable()
export class Wakeup implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Wakeup.name);
  private readonly listeners = new Map<Topic, Set<Listener>>();
  private readonly news = new Set<string>();
  private client: pg.Client | undefined;
  private sending: NodeJS.Timeout | undefined;
  private reconnecting: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly config: Config) {}

  /** Nudges the listeners of this process at once and those of the others within milliseconds. Call it after the commit. */
  wake(topic: Topic, id?: string): void {
    this.tell(topic, id);
    this.news.add(id === undefined ? topic : `${topic}:${id}`);
    if (this.news.size > MOST_NEWS) this.summarise();
    this.plan();
  }

  /** True while news of other processes arrives. While it is false, whoever listens has to look more often. */
  get isConnected(): boolean {
    return this.client !== undefined;
  }

  /** Listens until the function it answers is called. */
  on(topic: Topic, listener: Listener): () => void {
    const listeners = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  async onModuleInit(): Promise<void> {
    await this.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.sending);
    clearTimeout(this.reconnecting);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.config.databaseDirectUrl ?? this.config.databaseUrl,
      application_name: 'statewright wakeup',
      keepAlive: true,
      connectionTimeoutMillis: SEND_LIMIT_MS,
      query_timeout: SEND_LIMIT_MS,
    });
    client.once('end', () => this.lost());
    // Every error is followed by the end of the connection.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const self = rows[0]?.pid;
      client.on('notification', ({ processId, payload }) => {
        // The listeners of this process have been told already.
        if (processId !== self && payload !== undefined) this.receive(payload);
      });
      await client.query(`listen ${CHANNEL}`);
      this.client = client;
      for (const topic of this.listeners.keys()) this.tell(topic);
      this.plan();
    } catch {
      await client.end().catch(() => undefined);
    }
  }

  private lost(): void {
    const wasConnected = this.isConnected;
    this.client = undefined;
    if (this.stopped) return;
    if (wasConnected) {
      this.logger.warn(
        'The connection for news between processes was lost; until it is back, the loops find their work by polling.',
      );
    }
    this.reconnecting = setTimeout(() => void this.connect(), RECONNECT_MS).unref();
  }

  /** One message is under way at a time; what happens meanwhile goes with the next, or waits until there is a connection. */
  private plan(): void {
    if (this.client && this.news.size > 0) this.sending ??= setTimeout(() => void this.send(), GATHER_MS).unref();
  }

  private async send(): Promise<void> {
    const { client } = this;
    const news = client ? [...this.news] : [];
    for (const item of news) this.news.delete(item);
    try {
      await client?.query(`select pg_notify('${CHANNEL}', message) from unnest($1::text[]) message`, [pack(news)]);
    } catch {
      for (const item of news) this.news.add(item);
      await client?.end().catch(() => undefined);
    }
    this.sending = undefined;
    this.plan();
  }

  /** Without ids: anything may have happened. */
  private summarise(): void {
    const topics = new Set([...this.news].map((item) => item.replace(/:.*/, '')));
    this.news.clear();
    for (const topic of topics) this.news.add(topic);
  }

  private receive(message: string): void {
    for (const item of message.split(' ')) {
      const end = item.indexOf(':');
      if (end < 0) this.tell(item as Topic);
      else this.tell(item.slice(0, end) as Topic, item.slice(end + 1));
    }
  }

  private tell(topic: Topic, id?: string): void {
    for (const listener of this.listeners.get(topic) ?? []) listener(id);
  }
}

/** As few messages as the size limit allows. */
function pack(news: readonly string[]): string[] {
  const messages: string[] = [];
  let message = '';
  for (const item of news) {
    if (message.length + item.length >= MESSAGE_LIMIT) {
      messages.push(message);
      message = '';
    }
    message += message === '' ? item : ` ${item}`;
  }
  return message === '' ? messages : [...messages, message];
}
