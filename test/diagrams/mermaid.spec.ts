import { execFileSync } from 'node:child_process';
import { investment } from '../../machines/investment.js';
import { mermaid } from '../../src/diagrams/mermaid.js';
import { describe as describeLifecycle } from '../../src/engine/core/describe.js';
import type { Description } from '../../src/engine/core/driver.js';
import { hostile } from '../support/hostile.js';
import { order } from '../support/toy.js';

interface Understood {
  nodes: { id: string; text: string; parentId: string | null; shape: string }[];
  edges: { start: string; end: string; text: string }[];
}

const toy = describeLifecycle(order);

/** What Mermaid's own parser makes of the text. */
const understood = (description: Description): Understood =>
  JSON.parse(
    execFileSync(process.execPath, ['test/support/mermaid-parse.mjs'], {
      input: mermaid(description),
      encoding: 'utf8',
    }),
  ) as Understood;

describe('the Mermaid text', () => {
  it.each([toy, describeLifecycle(investment)])('means the same to Mermaid as to us: $name', (description) => {
    const { nodes, edges } = understood(description);
    const named = nodes.map(({ text }) => text.split('\n')[0]);
    const arrows = edges.map(({ text }) => text).join('\n');
    const moving = description.transitions.filter(({ targets, kind }) => targets.length > 0 && kind !== 'always');
    for (const { key, type } of description.states) if (type !== 'history') expect(named).toContain(key);
    for (const { label } of moving) expect(arrows).toContain(label);
  });

  it('keeps states inside the state they belong to, and regions apart', () => {
    const { nodes } = understood(toy);
    const parentOf = (id: string) => nodes.find((node) => node.id === id)?.parentId ?? '';
    expect(parentOf('s_PACKING_label_printing')).toBe('s_PACKING_label');
    expect(parentOf('s_PACKING_label')).not.toBe(parentOf('s_PACKING_goods'));
    expect(parentOf(parentOf('s_PACKING_goods'))).toBe('s_PACKING');
  });

  it('marks the edges that go beyond the drawing of the requirements (R000-27)', () => {
    expect(mermaid(describeLifecycle(investment))).toMatch(/s_NEGOTIATION\S* --> s_EXPIRED #?.*«extension»/);
  });

  it('gives hostile names no meaning', () => {
    const { nodes, edges } = understood(hostile);
    const states = nodes.filter(({ shape }) => shape !== 'stateStart');
    expect(states).toHaveLength(hostile.states.length);
    expect(edges).toHaveLength(hostile.transitions.length + 1);
    expect(states.map(({ text }) => text.split('\n')[0])).toContain('</text><script>alert(1)</script>');
  });

  it('is the same to the last byte each time', () => {
    expect(mermaid(describeLifecycle(order))).toBe(mermaid(toy));
  });
});
