/** Follows an instance: each step as it is committed. `EventSource` cannot send a credential, so the stream is read by hand. */
import { open, Problem } from './client.js';

const AGAIN_AFTER_MS = 2_000;

/** Calls back for each step behind `after`, and goes on after every break, until it is stopped. @returns stops it */
export function follow(
  id: string,
  after: number,
  onStep: (seq: number) => void,
  onLive: (isLive: boolean) => void,
): () => void {
  const abort = new AbortController();
  void run();
  return () => abort.abort();

  async function run(): Promise<void> {
    let last = after;
    while (!abort.signal.aborted) {
      try {
        const response = await open(`/api/instances/${id}/stream`, { 'last-event-id': String(last) }, abort.signal);
        onLive(true);
        for await (const message of messages(response)) {
          if (message.data === undefined) continue;
          const { seq } = JSON.parse(message.data) as { seq?: number };
          if (seq === undefined || seq <= last) continue;
          last = seq;
          onStep(seq);
        }
        // The stream ends with the instance; before that only when the service stops.
        onLive(false);
      } catch (error) {
        onLive(false);
        if (abort.signal.aborted || (error instanceof Problem && error.status >= 400 && error.status < 500)) return;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}

interface Message {
  event?: string;
  data?: string;
}

async function* messages(response: Response): AsyncGenerator<Message> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) yield parse(part);
  }
}

function parse(part: string): Message {
  const lines = part.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line));
  const field = (name: string) => lines.flatMap((line) => (line?.[1] === name ? [line[2] ?? ''] : []));
  const data = field('data');
  const [event] = field('event');
  return { ...(event === undefined ? {} : { event }), ...(data.length === 0 ? {} : { data: data.join('\n') }) };
}
