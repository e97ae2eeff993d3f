/** Colours and measures of the drawings. Pixels, unless a name says otherwise. */

/** Widest faces last, so that text measured for them fits whichever the reader has. */
export const FONT_FAMILY = "Inter, 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

export const NAME_SIZE = 13;
export const TEXT_SIZE = 10.5;
export const TITLE_SIZE = 16;
export const LINE_HEIGHT = 14;
export const START_SIZE = 12;
/** Height of a box without lines, and of the head of a group. */
export const HEAD_HEIGHT = 36;

export const COLOURS = {
  paper: '#ffffff',
  ink: '#0f172a',
  quiet: '#64748b',
  state: { line: '#94a3b8', fill: '#f8fafc' },
  group: { line: '#cbd5e1', fill: '#f1f5f9' },
  success: { line: '#16a34a', fill: '#dcfce7' },
  failure: { line: '#dc2626', fill: '#fee2e2' },
  active: { line: '#2563eb', fill: '#dbeafe' },
  walked: { line: '#0f766e', fill: '#f0fdfa' },
  arrow: '#64748b',
  timer: '#b45309',
  extension: '#7c3aed',
} as const;
