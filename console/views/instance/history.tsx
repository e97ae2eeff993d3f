import { useInfiniteQuery } from '@tanstack/react-query';
import { get } from '../../api/client.js';
import type { HistoryStep, HistoryStepPage, InstanceAnswer } from '../../api/schema.js';
import { Pages } from '../../parts/more.js';
import { eventName, fullTime } from '../../parts/words.js';
import { Moment } from '../../parts/moment.js';

const PAGE = 200;

/** What happened, who did it and why, newest first. */
export function History({ instance: { id, revision } }: { instance: InstanceAnswer }) {
  const history = useInfiniteQuery({
    queryKey: ['instance', id, 'history', revision],
    // The API tells it oldest first; here the newest are wanted first, so it is read in windows from the end.
    queryFn: async ({ signal, pageParam: end }): Promise<HistoryStepPage> => {
      const after = Math.max(0, end - PAGE);
      const asked = { id, after, limit: Math.max(1, end - after) };
      const { data } = await get('/api/instances/{id}/history', asked, signal);
      return { data: data.reverse(), nextCursor: after === 0 ? null : String(after) };
    },
    initialPageParam: revision,
    getNextPageParam: ({ nextCursor }) => (nextCursor === null ? undefined : Number(nextCursor)),
    placeholderData: (before) => before,
  });
  return (
    <Pages<HistoryStep> of={history} empty="Nothing has happened yet">
      {(rows) => (
        <ol className="timeline" reversed>
          {rows.map((row) => (
            <Row row={row} key={row.seq} />
          ))}
        </ol>
      )}
    </Pages>
  );
}

const TONES: Readonly<Record<string, string>> = {
  timer: 'warn',
  force: 'bad',
  webhook: 'teal',
  'effect-result': 'teal',
  start: 'good',
  event: 'accent',
};

function Row({ row }: { row: HistoryStep }) {
  const { seq, kind, type, from_state, to_state, phase, actor, roles, cause, at, payload, correlation_id } = row;
  const place = phase === null ? to_state : `${to_state}.${phase}`;
  const hasPayload = typeof payload === 'object' && payload !== null && Object.keys(payload).length > 0;
  return (
    <li className={`step ${TONES[kind] ?? ''}`}>
      <div className="step-head">
        <span className="quiet number">{seq}</span>
        <code className="step-type" title={type}>
          {eventName(type)}
        </code>
        <span className={`badge ${TONES[kind] ?? ''}`}>{kind}</span>
        <span className="step-way">
          {from_state === null || from_state === to_state ? null : <span className="quiet">{from_state} → </span>}
          <strong>{place}</strong>
        </span>
      </div>
      <p className="small quiet">
        <Moment at={at} /> ({fullTime(at)}) by {actor}
        {roles.length > 0 ? ` as ${roles.join(', ')}` : ''}, {cause}
      </p>
      {hasPayload ? (
        <details>
          <summary className="small">Payload</summary>
          <pre tabIndex={0} aria-label={`Payload of step ${seq}`}>
            {JSON.stringify(payload, null, 2)}
          </pre>
          <p className="small quiet">Correlation id: {correlation_id}</p>
        </details>
      ) : null}
    </li>
  );
}
