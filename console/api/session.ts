/** The credential of this tab. It goes when the tab is closed, and no other tab or site can read it. */

const KEY = 'statewright.key';
const listeners = new Set<() => void>();

export const credential = (): string | null => sessionStorage.getItem(KEY);

export function signIn(key: string): void {
  sessionStorage.setItem(KEY, key);
  tell();
}

export function signOut(): void {
  sessionStorage.removeItem(KEY);
  tell();
}

/** Calls back when somebody signs in or out. Answers how to stop that. */
export function watchSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
