import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { LivedCoverage } from '../../src/diagrams/coverage.js';
import { DiagramsController } from '../../src/diagrams/diagrams.controller.js';
import { describe as describeLifecycle } from '../../src/engine/core/describe.js';
import { Reading } from '../../src/engine/reading.js';
import { validation } from '../../src/platform/validation.js';
import { order } from '../support/toy.js';

const description = describeLifecycle(order);
const reading = {
  lifecycles: () => [description],
  describe: () => description,
  walked: () =>
    Promise.resolve({
      description,
      revision: 1,
      active: ['PLACED', 'PLACED.waiting'],
      walked: [{ type: 'start', from: null, to: 'PLACED', phase: 'waiting' }],
    }),
};

describe('the routes of lifecycles', () => {
  let app: NestFastifyApplication;
  let origin: string;
  const get = (path: string, headers: Record<string, string> = {}) => fetch(origin + path, { headers });

  beforeAll(async () => {
    const testing = await Test.createTestingModule({
      controllers: [DiagramsController],
      providers: [
        { provide: Reading, useValue: reading },
        { provide: LivedCoverage, useValue: {} },
      ],
    }).compile();
    app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    app.useGlobalPipes(validation());
    await app.listen(0, '127.0.0.1');
    origin = await app.getUrl();
  });
  afterAll(() => app.close());

  it('list every lifecycle with its states', async () => {
    const answer: unknown = await (await get('/api/lifecycles')).json();
    expect(answer).toMatchObject({
      data: [{ name: 'order', states: expect.arrayContaining(['PLACED', 'PACKING']) as unknown }],
    });
  });

  it('describe one lifecycle, and one version of it', async () => {
    expect(await (await get('/api/lifecycles/order')).json()).toMatchObject({ name: 'order', version: 1 });
    expect(await (await get('/api/lifecycles/order/versions/1')).json()).toMatchObject({ name: 'order', version: 1 });
  });

  it.each([
    ['/api/lifecycles/order/diagram.svg', 'image/svg+xml; charset=utf-8', /^<svg /],
    ['/api/lifecycles/order/diagram.svg?detail=full', 'image/svg+xml; charset=utf-8', /PACKING\.goods/],
    ['/api/lifecycles/order/diagram.mmd', 'text/vnd.mermaid; charset=utf-8', /^---\ntitle: "Order/],
    ['/api/instances/wf_1/diagram.svg', 'image/svg+xml; charset=utf-8', /wf_1 · PLACED\.waiting/],
  ])('answer %s with its content type, and 304 to who has it', async (url, type, body) => {
    const first = await get(url);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe(type);
    expect(first.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await first.text()).toMatch(body);
    const second = await get(url, { 'if-none-match': first.headers.get('etag') ?? '' });
    expect([second.status, await second.text()]).toEqual([304, '']);
  });
});
