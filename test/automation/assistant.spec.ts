import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Automation } from '../support/automation.js';
import { Workstream } from '../support/workstream.js';

const asking = {
  trigger: { event_types: ['signal.created'] },
  actions: [
    {
      type: 'automation.ask_assistant',
      params: { task: 'classify_signal', input: { signal: '{{ payload.item_id }}' } },
    },
  ],
};

describe('the assistant (R001-81)', () => {
  it('of a house without one has nothing to say, and nothing fails', async () => {
    const service = new Workstream();
    await service.start();
    try {
      const automation = new Automation(service);
      const id = await automation.rule(asking);
      await service.signal();
      await service.work();
      expect(await automation.jobs(id)).toMatchObject([{ status: 'succeeded', result: null }]);
      expect(await service.rows(`select 1 from automation.events where type = 'assistant.answered'`)).toEqual([]);
    } finally {
      await service.stop();
    }
  }, 600_000);

  describe('that is configured', () => {
    const asked: { authorization: string | undefined; body: unknown }[] = [];
    let status = 200;
    let server: Server;
    let service: Workstream;

    beforeAll(async () => {
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          asked.push({
            authorization: request.headers.authorization,
            body: JSON.parse(Buffer.concat(chunks).toString()),
          });
          response.writeHead(status).end(JSON.stringify({ answer: { label: 'website', confidence: 0.9 } }));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      service = new Workstream({
        ASSISTANT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ask`,
        ASSISTANT_TOKEN: 'secret-token',
      });
      await service.start();
    }, 600_000);
    afterAll(async () => {
      await service.stop();
      await new Promise((resolve) => server.close(resolve));
    });

    it('is asked after the request has been answered, and his answer is an event', async () => {
      const automation = new Automation(service);
      const id = await automation.rule(asking);
      const heard = await automation.rule({ trigger: { event_types: ['assistant.answered'] } });
      const signal = await service.signal();
      expect(asked).toEqual([]);
      await service.work();
      expect(asked).toEqual([
        { authorization: 'Bearer secret-token', body: { task: 'classify_signal', input: { signal } } },
      ]);
      expect(await automation.jobs(id)).toMatchObject([{ status: 'succeeded', result: { label: 'website' } }]);
      expect((await automation.logs(heard)).map(({ outcome }) => outcome)).toEqual(['fired', 'succeeded']);
      const [event] = await service.rows<{ payload: object }>(
        `select payload from automation.events where type = 'assistant.answered'`,
      );
      expect(event?.payload).toMatchObject({ task: 'classify_signal', answer: { label: 'website' } });
    });

    it('that does not answer is asked again', async () => {
      const automation = new Automation(service);
      status = 503;
      const id = await automation.rule({ ...asking, trigger: { event_types: ['ask.again'] } });
      await automation.event('ask.again', { item_id: 1 });
      await service.work();
      expect(await automation.jobs(id)).toMatchObject([{ status: 'queued', attempts: 1 }]);
      status = 200;
      await automation.pass('2m');
      expect(await automation.jobs(id)).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
    });
  });
});
