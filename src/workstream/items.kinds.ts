/** The kinds of items of the pipeline, each with its table and its number. */
export const ITEMS = {
  signal: { table: 'workstream.signals', id: 'signal_id' },
  candidate: { table: 'workstream.candidates', id: 'candidate_id' },
  pursuit: { table: 'workstream.pursuits', id: 'pursuit_id' },
} as const;
/** A kind of item. */
export type ItemType = keyof typeof ITEMS;
