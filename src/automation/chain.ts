/** How many rules stand between an event and what happened by itself, told by the correlation id: `rule:2:<where it began>`. Pure. */

/** An event this deep is kept, and sets nothing off: rules that set each other off end here. */
export const DEEPEST = 5;

const CHAINED = /^rule:(\d{1,3}):(.*)$/s;

/** The depth that a correlation id tells; nobody outside can make one that does (http.correlation.ts). */
export const depthOf = (correlationId: string): number => Number(CHAINED.exec(correlationId)?.[1] ?? 0);

/** The correlation id of what a rule does about an event. */
export function chained(correlationId: string, depth: number): string {
  return `rule:${depth}:${CHAINED.exec(correlationId)?.[2] ?? correlationId}`;
}
