/** Text in a drawing. */
import { COLOURS } from './theme.js';
import { element, text } from './xml.js';

export interface Lettering {
  x: number;
  y: number;
  size: number;
  colour?: string;
  bold?: boolean;
  italic?: boolean;
  centred?: boolean;
}

/** One line of text, with something behind it that is XML already. */
export const letter = (words: string, { x, y, size, colour, bold, italic, centred }: Lettering, behind = ''): string =>
  element(
    'text',
    {
      x,
      y,
      'font-size': size,
      fill: colour ?? COLOURS.ink,
      'font-weight': bold ? 700 : undefined,
      'font-style': italic ? 'italic' : undefined,
      'text-anchor': centred ? 'middle' : undefined,
    },
    text(words) + behind,
  );
