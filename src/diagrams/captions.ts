/** The lines written on an arrow. */
import type { Caption } from './drawing.js';
import { textWidth, wrap } from './text-width.js';
import { TEXT_SIZE } from './theme.js';

export interface CaptionLine {
  text: string;
  /** Effects are set in italics. */
  role: 'cause' | 'effects';
  /** Ends with the mark of an extension. */
  marked: boolean;
}

/** What marks a transition that goes beyond the drawing of the requirements (R000-27). */
export const EXTENSION_MARK = '«ext»';

/** Long captions are broken here, so that they need not push the boxes apart. */
const MAX_WIDTH = 210;

export function linesOf(captions: readonly Caption[]): CaptionLine[] {
  return captions.flatMap(({ cause, condition, effects, extension }) => {
    const together = `${cause} ${condition}`.trim();
    const causes =
      textWidth(together, TEXT_SIZE) <= MAX_WIDTH ? [together] : [...wrapped(cause), ...wrapped(condition)];
    return [
      ...causes.map((text, index) => ({
        text,
        role: 'cause' as const,
        marked: extension && index === causes.length - 1,
      })),
      ...wrapped(effects).map((text) => ({ text, role: 'effects' as const, marked: false })),
    ];
  });
}

const wrapped = (text: string): string[] => wrap(text, TEXT_SIZE, MAX_WIDTH);

export const lineWidth = ({ text, marked }: CaptionLine): number =>
  textWidth(marked ? `${text} ${EXTENSION_MARK}` : text, TEXT_SIZE);
