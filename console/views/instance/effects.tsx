import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.js';
import type { EffectAnswer, InstanceAnswer } from '../../api/schema.js';
import { Status } from '../../parts/badges.js';
import { Moment } from '../../parts/moment.js';
import { Answer, Empty } from '../../parts/states.js';
import { errorOf } from '../../parts/words.js';

const LOOK_EVERY_MS = 2_000;

/** What it wanted done in the world, each attempt, and what came of it. */
export function Effects({ instance: { id } }: { instance: InstanceAnswer }) {
  const effects = useQuery({
    queryKey: ['instance', id, 'effects'],
    queryFn: ({ signal }) => get('/api/instances/{id}/effects', { id }, signal),
    // An attempt is no step of the instance, so nobody tells of it.
    refetchInterval: ({ state }) =>
      state.data?.data.some(({ status }) => status === 'pending' || status === 'claimed') ? LOOK_EVERY_MS : false,
  });
  return (
    <Answer of={effects}>
      {({ data }) =>
        data.length === 0 ? (
          <Empty title="No effects">So far it has wanted nothing done.</Empty>
        ) : (
          <ul className="stack tight">
            {[...data].reverse().map((effect) => (
              <Row effect={effect} key={effect.id} />
            ))}
          </ul>
        )
      }
    </Answer>
  );
}

function Row({ effect }: { effect: EffectAnswer }) {
  const {
    id,
    type,
    kind,
    status,
    seq,
    attempts,
    params,
    last_error,
    result,
    next_attempt_at,
    created_at,
    finished_at,
  } = effect;
  const error = errorOf(last_error);
  return (
    <li>
      <details className="explained" open={status === 'dead'}>
        <summary>
          <code>{type}</code> <Status of={status} /> <span className="badge">{kind}</span>{' '}
          <span className="small quiet">
            after step {seq}, <Moment at={finished_at ?? created_at} />
            {attempts === undefined ? '' : `, ${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}`}
          </span>
        </summary>
        <div className="stack tight">
          {status === 'pending' ? (
            <p className="small">
              Next attempt <Moment at={next_attempt_at} />
            </p>
          ) : null}
          {error ? (
            <p className="field-error">
              <code>{error.code}</code> {error.text}
            </p>
          ) : null}
          {attempts?.map(({ attempt, outcome, provider, responseCode, detail, durationMs, at }) => (
            <p className="small" key={attempt}>
              <strong>{attempt}.</strong> {outcome} {provider ?? ''} {responseCode ?? ''}{' '}
              <span className="quiet">in {durationMs} ms, </span>
              <Moment at={at} />
              {detail === null ? '' : `: ${detail}`}
            </p>
          ))}
          {params === undefined ? null : (
            <pre tabIndex={0} aria-label={`What effect ${id} was asked to do, and its result`}>
              {JSON.stringify(result === null || result === undefined ? { params } : { params, result }, null, 2)}
            </pre>
          )}
        </div>
      </details>
    </li>
  );
}
