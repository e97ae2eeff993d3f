// Mermaid's own parser. It wants a browser's globals, which Jest's modules cannot give it: hence a process of its own.
import { text } from 'node:stream/consumers';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
Object.assign(globalThis, { window, document: window.document });

const { default: mermaid } = await import('mermaid');
const { diagramType } = await mermaid.parse(await text(process.stdin));
const diagram = await mermaid.mermaidAPI.getDiagramFromText(process.argv[2] ?? '');
console.log(JSON.stringify({ diagramType, diagram: typeof diagram }));
