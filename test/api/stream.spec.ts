import { engineApi } from './engine.app.js';

const running = engineApi();
/** News travels within milliseconds; a watcher that only looked once a second by itself would be later than this. */
const AT_ONCE_MS = 700;

interface Message {
  id?: string;
  event?: string;
  data: Record<string, unknown>;
}

/** A stream of server-sent events, read message by message. */
class Stream {
  private text = '';
  private readonly decoder = new TextDecoder();

  private constructor(
    readonly status: number,
    readonly type: string | null,
    private readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
    private readonly abort: AbortController,
  ) {}

  static async open(as: string, id: string, headers: Record<string, string> = {}): Promise<Stream> {
    const abort = new AbortController();
    const { url } = running().api;
    const authorization = `Bearer ${running().credential(as)}`;
    const response = await fetch(`${url}/api/instances/${id}/stream`, {
      headers: { authorization, ...headers },
      signal: abort.signal,
    });
    return new Stream(response.status, response.headers.get('content-type'), response.body?.getReader(), abort);
  }

  /** The next message, or undefined at the end of the stream. */
  async next(): Promise<Message | undefined> {
    for (;;) {
      const [message, rest] = split(this.text);
      if (message !== undefined) {
        this.text = rest;
        if (message.includes('data:')) return parsed(message);
        continue;
      }
      const chunk = await this.reader?.read();
      if (!chunk || chunk.done) return undefined;
      this.text += this.decoder.decode(chunk.value, { stream: true });
    }
  }

  async take(count: number): Promise<(Message | undefined)[]> {
    const messages: (Message | undefined)[] = [];
    while (messages.length < count) messages.push(await this.next());
    return messages;
  }

  close(): void {
    this.abort.abort();
  }
}

const split = (text: string): [string | undefined, string] => {
  const end = text.indexOf('\n\n');
  return end < 0 ? [undefined, text] : [text.slice(0, end), text.slice(end + 2)];
};

function parsed(message: string): Message {
  const fields = Object.fromEntries(
    message
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  return {
    ...(fields['id'] !== undefined && { id: fields['id'] }),
    ...(fields['event'] !== undefined && { event: fields['event'] }),
    data: JSON.parse(String(fields['data'])) as Message['data'],
  };
}

const seqs = (messages: (Message | undefined)[]) => messages.map((message) => message?.data['seq']);
const note = (id: string, text = 'a') => running().send('buyer_1', id, 'note', { text });
const timed = async <T>(work: Promise<T>): Promise<{ result: T; ms: number }> => {
  const began = performance.now();
  return { result: await work, ms: performance.now() - began };
};

describe('a stream', () => {
  it('tells the history so far, then each step as it is taken', async () => {
    const id = await running().order();
    await note(id);
    const stream = await Stream.open('buyer_1', id);
    expect([stream.status, stream.type]).toEqual([200, expect.stringContaining('text/event-stream')]);
    expect(await stream.take(2)).toMatchObject([
      { id: '1', event: 'transition', data: { seq: 1, type: 'start', toState: 'PLACED' } },
      {
        id: '2',
        event: 'transition',
        data: { seq: 2, type: 'note', fromState: 'PLACED', toState: 'PLACED', actor: 'buyer_1' },
      },
    ]);
    const live = timed(stream.next());
    await running().send('buyer_1', id, 'pay');
    const { result, ms } = await live;
    expect(result).toMatchObject({ id: '3', data: { type: 'pay', fromState: 'PLACED', toState: 'PAYING' } });
    expect(ms).toBeLessThan(AT_ONCE_MS);
    stream.close();
  });

  it('continues behind Last-Event-ID', async () => {
    const id = await running().order();
    await note(id);
    await note(id);
    const stream = await Stream.open('buyer_1', id, { 'last-event-id': '2' });
    expect(seqs(await stream.take(1))).toEqual([3]);
    stream.close();
  });

  it.each(['abc', '-1', '99999999999999999999', "1' or '1'='1"])(
    'begins at the beginning when Last-Event-ID is %s',
    async (last) => {
      const stream = await Stream.open('buyer_1', await running().order(), { 'last-event-id': last });
      expect(seqs(await stream.take(1))).toEqual([1]);
      stream.close();
    },
  );

  it('loses nothing and repeats nothing while events come in', async () => {
    const id = await running().order();
    const stream = await Stream.open('seller_1', id);
    const told = stream.take(8);
    for (const action of ['pause', 'resume', 'pause', 'resume', 'pause', 'resume']) {
      await running().post('admin', `/admin/workflows/${id}/${action}`, { reason: 'to see whether the stream tells' });
    }
    await note(id);
    expect(seqs(await told)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    stream.close();
  });

  it('ends with the instance', async () => {
    const id = await running().order();
    const stream = await Stream.open('buyer_1', id);
    await running().send('buyer_1', id, 'cancel');
    expect(seqs(await stream.take(3))).toEqual([1, 2, undefined]);
    const late = await Stream.open('buyer_1', id);
    expect(seqs(await late.take(3))).toEqual([1, 2, undefined]);
  });

  it('is not opened for strangers', async () => {
    const id = await running().order();
    for (const as of ['investor', 'stranger']) {
      expect(await running().get(as, `/api/instances/${id}/stream`)).toMatchObject({
        status: 404,
        json: { code: 'WF001' },
      });
    }
  });
});

describe('waiting', () => {
  const wait = (id: string, query: string, as = 'buyer_1') =>
    timed(running().get(as, `/api/instances/${id}/wait?${query}`));

  it.each(['PLACED', 'PLACED.waiting', 'open'])('for %s is over at once when the instance is there', async (goal) => {
    const { result, ms } = await wait(await running().order(), `for=${goal}`);
    expect(result).toMatchObject({ status: 200, json: { reached: true, state: 'PLACED', revision: 1 } });
    expect(ms).toBeLessThan(AT_ONCE_MS);
  });

  it('wakes as soon as the instance gets there', async () => {
    const id = await running().order();
    const waiting = running().get('buyer_1', `/api/instances/${id}/wait?for=PAYING&timeout=20s`);
    await note(id);
    await running().send('buyer_1', id, 'pay');
    const { result, ms } = await timed(waiting);
    expect(result.json).toMatchObject({ reached: true, state: 'PAYING' });
    expect(ms).toBeLessThan(AT_ONCE_MS);
  });

  it('ends with the instance, and tells that the state was not reached', async () => {
    const id = await running().order();
    const waiting = running().get('seller_1', `/api/instances/${id}/wait?for=SHIPPED&timeout=20`);
    await running().send('buyer_1', id, 'cancel');
    expect((await waiting).json).toMatchObject({ reached: false, state: 'CANCELLED', status: 'failed' });
  });

  it.each(['200ms', '0', '0s'])('is over after timeout=%s', async (timeout) => {
    const { result, ms } = await wait(await running().order(), `for=SHIPPED&timeout=${timeout}`);
    expect(result).toMatchObject({ status: 200, json: { reached: false, state: 'PLACED' } });
    expect(ms).toBeLessThan(AT_ONCE_MS);
  });

  it.each([
    'timeout=1s',
    'for=PLACED&timeout=-1',
    'for=PLACED&timeout=1e3',
    'for=PLACED&timeout=999999999m',
    'for=PLACED&for=PAYING',
  ])('is refused with %s', async (query) => {
    expect((await wait(await running().order(), query)).result).toMatchObject({ status: 400, json: { code: 'WF006' } });
  });

  it('is not for strangers', async () => {
    const id = await running().order();
    for (const as of ['investor', 'stranger'])
      expect((await wait(id, 'for=PLACED', as)).result).toMatchObject({ status: 404, json: { code: 'WF001' } });
  });
});
