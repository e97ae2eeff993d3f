/** Everything a process says to the database and to providers, and everything it hears, message by message: each is a place to cut. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What breaks: the process as a whole, so that nothing of it reaches the outside any more, or the one connection. */
export type Cut = 'process' | 'connection';

const HOST = '127.0.0.1';
/** Of a message: its letter and its length, which counts itself. */
const HEAD = 5;
const READY_FOR_QUERY = 'Z';
/** Tells a shutdown of the session, which no answer follows. */
const TERMINATE = 'X';

export class Wire {
  /** What was passed since the last `watch`, in order. */
  readonly passed: string[] = [];
  private readonly links = new Set<Link>();
  private readonly requests = new Set<Socket>();
  private watching: { at: number; cut: Cut } | undefined;
  private dead = false;
  /** Looks at each place before it is passed. */
  look: () => Promise<void> = async () => undefined;

  private constructor(
    private readonly database: Server,
    private readonly providers: HttpServer,
    readonly databaseUrl: string,
    readonly providerUrl: string,
  ) {}

  /** @param databaseUrl of the real database @param providerUrl of the real provider */
  static async between(databaseUrl: string, providerUrl: string): Promise<Wire> {
    const database = createServer();
    const providers = createHttpServer();
    const seen = new URL(databaseUrl);
    const { hostname, port } = seen;
    seen.host = `${HOST}:${await listening(database)}`;
    const wire = new Wire(database, providers, seen.href, `http://${HOST}:${await listening(providers)}`);
    database.on('connection', (near) => wire.link(near, connect({ host: hostname, port: Number(port) })));
    providers.on('connection', (socket) => {
      wire.requests.add(socket);
      socket.on('close', () => wire.requests.delete(socket));
    });
    providers.on('request', (request, response) => void wire.forward(providerUrl, request, response));
    return wire;
  }

  /** Counts places from now on, and breaks at the one numbered `at` (from 1; 0: never). */
  watch(at = 0, cut: Cut = 'connection'): void {
    this.passed.length = 0;
    this.watching = { at, cut };
  }

  /** Stops counting; everything passes. */
  rest(): void {
    this.watching = undefined;
  }

  get isWatching(): boolean {
    return this.watching !== undefined || this.dead;
  }

  get hasBroken(): boolean {
    return this.watching !== undefined && this.watching.at > 0 && this.passed.length >= this.watching.at;
  }

  /** Ends what a dead process has left, and lets the next one through once the server has noticed. */
  async revive(): Promise<void> {
    this.kill();
    await Promise.all([...this.links].map(({ gone }) => gone));
    this.dead = false;
  }

  /** Resolves once the server has noticed every connection that was cut. */
  async noticed(): Promise<void> {
    await Promise.all([...this.links].filter(({ isCut }) => isCut).map(({ gone }) => gone));
  }

  async stop(): Promise<void> {
    this.kill();
    await Promise.all([
      new Promise((done) => this.database.close(done)),
      new Promise((done) => this.providers.close(done)),
    ]);
  }

  /** True: here it breaks. */
  async at(place: string): Promise<boolean> {
    if (this.dead) return true;
    if (!this.watching) return false;
    await this.look();
    this.passed.push(place);
    if (this.passed.length !== this.watching.at) return false;
    if (this.watching.cut === 'process') this.kill();
    return true;
  }

  private kill(): void {
    this.dead = true;
    for (const link of this.links) link.cut();
    for (const socket of this.requests) socket.destroy();
  }

  private link(near: Socket, far: Socket): void {
    if (this.dead) {
      near.destroy();
      far.destroy();
      return;
    }
    const link = new Link(near, far, this);
    this.links.add(link);
    void link.gone.then(() => this.links.delete(link));
  }

  private async forward(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const what = `${request.method} ${request.url}`;
    if (await this.at(`request ${what}`)) return void request.socket.destroy();
    const headers = Object.entries(request.headers).filter(
      ([name]) => !['host', 'connection', 'content-length', 'expect', 'transfer-encoding'].includes(name),
    ) as [string, string][];
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers,
      body: Buffer.concat(chunks),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (await this.at(`answer ${what}`)) return void request.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
  }
}

/** One connection to the database. Messages of both sides are passed on one at a time, in the order they came. */
class Link {
  readonly gone: Promise<unknown>;
  isCut = false;
  private asked = Buffer.alloc(0);
  private answered = Buffer.alloc(0);
  private greeted = false;
  private ready = false;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
    private readonly wire: Wire,
  ) {
    near.setNoDelay(true);
    far.setNoDelay(true);
    this.gone = once(far, 'close');
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    near.on('data', (bytes: Buffer) => this.next(() => this.ask(bytes)));
    far.on('data', (bytes: Buffer) => this.next(() => this.answer(bytes)));
    near.on('close', () => this.next(async () => this.cut()));
    far.on('close', () => near.destroy());
  }

  /** The client finds the connection gone; the server finds its end after everything that was passed on. */
  cut(): void {
    this.isCut = true;
    this.near.destroy();
    this.far.end();
  }

  private next(work: () => Promise<void>): void {
    this.turn = this.turn.then(work);
  }

  private async ask(bytes: Buffer): Promise<void> {
    this.asked = Buffer.concat([this.asked, bytes]);
    const passed: Buffer[] = [];
    for (let message = this.take(); message && !this.isCut; message = this.take()) {
      const letter = String.fromCharCode(message[0] ?? 0);
      const isPlace = this.wire.isWatching && this.ready && letter !== TERMINATE;
      // What came before has to be with the server when it breaks here.
      if (isPlace) this.far.write(Buffer.concat(passed.splice(0)));
      if (isPlace && (await this.wire.at(`${letter} ${gist(message)}`))) return this.cut();
      passed.push(message);
    }
    this.far.write(Buffer.concat(passed));
  }

  private async answer(bytes: Buffer): Promise<void> {
    this.answered = Buffer.concat([this.answered, bytes]);
    const end = endOfAnswer(this.answered);
    if (end === 0) {
      // Before the first answer is whole the two shake hands.
      if (!this.ready) this.passBack(this.answered.length);
      return;
    }
    if (this.ready && (await this.wire.at('answer'))) return this.cut();
    this.ready = true;
    this.passBack(end);
    if (this.answered.length > 0) await this.answer(Buffer.alloc(0));
  }

  private passBack(bytes: number): void {
    if (!this.isCut) this.near.write(this.answered.subarray(0, bytes));
    this.answered = this.answered.subarray(bytes);
  }

  /** The next whole message; the first has no letter. */
  private take(): Buffer | undefined {
    const head = this.greeted ? HEAD : HEAD - 1;
    if (this.asked.length < head) return undefined;
    const length = this.asked.readUInt32BE(head - 4) + head - 4;
    if (this.asked.length < length) return undefined;
    const message = this.asked.subarray(0, length);
    this.asked = this.asked.subarray(length);
    this.greeted = true;
    return message;
  }
}

/** Where the last whole answer ends: behind "ready for query". */
function endOfAnswer(bytes: Buffer): number {
  let end = 0;
  for (let at = 0; at + HEAD <= bytes.length;) {
    const next = at + 1 + bytes.readUInt32BE(at + 1);
    if (next > bytes.length) break;
    if (String.fromCharCode(bytes[at] ?? 0) === READY_FOR_QUERY) end = next;
    at = next;
  }
  return end;
}

/** The beginning of what a message says, for people. */
const gist = (message: Buffer): string =>
  message
    .subarray(HEAD, HEAD + 60)
    .toString('latin1')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();

async function listening(server: Server | HttpServer): Promise<number> {
  server.listen(0, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
