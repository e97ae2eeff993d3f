import { useEffect, useState } from 'react';
import { fullTime, relative } from './words.js';

const TICK_MS = 10_000;

/** A time as people say it, with the exact one behind it. */
export function Moment({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(tick);
  }, []);
  return (
    <time dateTime={at} title={fullTime(at)}>
      {relative(at, now)}
    </time>
  );
}
