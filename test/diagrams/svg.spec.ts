import { JSDOM, type Parsed } from 'jsdom';
import { investment } from '../../machines/investment.js';
import { layoutOf, type Area } from '../../src/diagrams/layout.js';
import { svgDiagram } from '../../src/diagrams/svg.js';
import { describe as describeLifecycle } from '../../src/engine/core/describe.js';
import { hostile } from '../support/hostile.js';
import { order } from '../support/toy.js';

const toy = describeLifecycle(order);
const deal = describeLifecycle(investment);

const parsed = (svg: string): Parsed => new JSDOM(svg, { contentType: 'image/svg+xml' }).window.document;
const wordsOf = (document: Parsed): string =>
  [...document.querySelectorAll('text')]
    .map(({ textContent }) => textContent)
    .join(' ')
    .replace(/\s+/g, ' ');
const stateNames = (document: Parsed): (string | null)[] =>
  [...document.querySelectorAll('[data-state]')].map((element) => element.getAttribute('data-state'));
const overlap = (a: Area, b: Area): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the picture of a lifecycle', () => {
  it.each([toy, deal])('shows every state and what every transition is called: $name', async (description) => {
    const document = parsed(await svgDiagram(description, { detail: 'full' }));
    const words = wordsOf(document);
    expect(stateNames(document).sort()).toEqual(description.states.map(({ id }) => id).sort());
    for (const { label, kind } of description.transitions) if (kind !== 'always') expect(words).toContain(label);
  });

  it('shows the fourteen states of an investment and every way between them in its overview (R000-25, R000-26)', async () => {
    const document = parsed(await svgDiagram(deal));
    const drawn = [...document.querySelectorAll('[data-transitions]')].flatMap((arrow) =>
      (arrow.getAttribute('data-transitions') ?? '').split(' '),
    );
    const topOf = (path: string) => path.split('.')[0];
    const crossing = deal.transitions.filter(({ source, targets }) =>
      targets.some((target) => topOf(target) !== topOf(source)),
    );
    expect(stateNames(document)).toHaveLength(14);
    for (const { id } of crossing) expect(drawn).toContain(id);
  });

  it('marks the edges that go beyond the drawing of the requirements (R000-27)', async () => {
    const words = wordsOf(parsed(await svgDiagram(deal)));
    expect(words).toContain('after CREATOR_DECISION«ext»');
    expect(words).not.toContain('after TERM_SHEET«ext»');
  });

  it.each([
    [toy, 'full'],
    [deal, 'full'],
    [deal, 'overview'],
  ] as const)('lets no two boxes and no two captions overlap', async (description, detail) => {
    const { boxes, arrows } = await layoutOf(description, detail);
    const captions = arrows.flatMap(({ label }) => (label ? [label] : []));
    const siblings = boxes.flatMap((a) =>
      boxes.filter((b) => a.id < b.id && a.parent === b.parent).map((b) => [a, b] as const),
    );
    expect(siblings.filter(([a, b]) => overlap(a.area, b.area)).map(([a, b]) => [a.id, b.id])).toEqual([]);
    expect(captions.filter((a, index) => captions.slice(index + 1).some((b) => overlap(a, b)))).toEqual([]);
  });

  it('is the same to the last byte each time, whoever drew it', async () => {
    expect(await svgDiagram(describeLifecycle(order), { detail: 'full' })).toBe(
      await svgDiagram(toy, { detail: 'full' }),
    );
  });

  it('puts hostile names into text and nowhere else', async () => {
    const document = parsed(await svgDiagram(hostile, { detail: 'full', title: '</text><script>alert(1)</script>' }));
    expect(document.querySelectorAll('script, foreignObject, style, a, [onload], [href]')).toHaveLength(0);
    expect(wordsOf(document)).toContain('</text><script>alert(1)</script>');
  });

  it('needs neither style nor script, so that every content policy lets it through', async () => {
    const svg = await svgDiagram(deal, { detail: 'full' });
    expect(svg).not.toMatch(/<style|<script|\sstyle=|href=|url\(/);
  });
});

describe('the picture of an instance', () => {
  const walked = [
    { type: 'start', from: null, to: 'PLACED', phase: 'waiting' },
    { type: 'pay', from: 'PLACED', to: 'PAYING', phase: null },
    { type: 'xstate.done.actor.charge', from: 'PAYING', to: 'PACKING', phase: 'label.printing,goods.picking' },
  ];
  const active = ['PACKING', 'PACKING.label.printing,goods.picking'];

  it('shows every region it is in', async () => {
    const document = parsed(await svgDiagram(toy, { detail: 'full', active, walked }));
    const here = [...document.querySelectorAll('.active')].map((element) => element.getAttribute('data-state'));
    expect(here).toEqual([
      'PACKING',
      'PACKING.label',
      'PACKING.label.printing',
      'PACKING.goods',
      'PACKING.goods.picking',
    ]);
  });

  it('shows the way it came', async () => {
    const document = parsed(await svgDiagram(toy, { detail: 'full', active, walked }));
    const arrows = [...document.querySelectorAll('.arrow.walked')].map((arrow) =>
      arrow.getAttribute('data-transitions'),
    );
    expect(arrows).toEqual(['PLACED|pay|0', 'PAYING|xstate.done.actor.charge|0']);
  });
});
