// What Mermaid itself understands of a text on stdin, as JSON. It wants a browser's globals, which Jest cannot give to
// its modules: hence a process of its own.
import { text } from 'node:stream/consumers';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');

// Mermaid's own placeholder for `#58;`, which it turns into a character only when it draws.
const decoded = (label) =>
  [label]
    .flat()
    .join('\n')
    .replace(/ﬂ°°(\d+)¶ß/g, (_, codePoint) => String.fromCodePoint(Number(codePoint)));

const source = await text(process.stdin);
await mermaid.parse(source);
const { db } = await mermaid.mermaidAPI.getDiagramFromText(source);
const { nodes, edges } = db.getData();
console.log(
  JSON.stringify({
    title: decoded(db.getDiagramTitle()),
    nodes: nodes.map(({ id, label, description, parentId = null, shape }) => ({
      id,
      text: decoded([label, description].flat().filter(Boolean)),
      parentId,
      shape,
    })),
    edges: edges.map(({ start, end, label }) => ({ start, end, text: decoded(label ?? '') })),
  }),
);
