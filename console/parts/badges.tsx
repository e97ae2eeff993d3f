const TONES: Readonly<Record<string, string>> = {
  active: 'accent',
  running: 'accent',
  waiting: 'warn',
  open: 'warn',
  approved: 'good',
  rejected: 'bad',
  error: 'bad',
  done: 'good',
  completed: 'good',
  applied: 'good',
  failed: 'bad',
  dead: 'bad',
  quarantined: 'bad',
  paused: 'warn',
  pending: 'warn',
  claimed: 'accent',
  received: 'warn',
  urgent: 'bad',
  high: 'warn',
  critical: 'bad',
};

/** A status in its colour. */
export function Status({ of }: { of: string }) {
  return <span className={`badge ${TONES[of] ?? ''}`}>{of}</span>;
}

/** A state, and where inside it. */
export function State({ state, phase }: { state: string; phase: string | null }) {
  return (
    <span className="state">
      {state}
      {phase === null ? null : <span className="quiet">.{phase}</span>}
    </span>
  );
}
