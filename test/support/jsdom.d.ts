/** The little of jsdom that tests use; its own types would bring a browser's globals into all of the code. */
declare module 'jsdom' {
  export interface Found {
    readonly textContent: string;
    getAttribute(name: string): string | null;
  }
  export interface Parsed {
    querySelectorAll(selectors: string): Iterable<Found> & { readonly length: number };
  }
  export class JSDOM {
    constructor(text: string, options?: { contentType?: string });
    readonly window: { readonly document: Parsed };
  }
}
