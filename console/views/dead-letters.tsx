import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { send } from '../api/client.js';
import { useGet, usePages } from '../api/queries.js';
import type { DeadLetterFigures, OutboxEntry } from '../api/schema.js';
import { Moment } from '../parts/moment.js';
import { Pages } from '../parts/more.js';
import { ReasonDialog } from '../parts/reason.js';
import { Answer, Empty } from '../parts/states.js';
import { count, errorOf } from '../parts/words.js';

interface Group {
  type: string;
  code: string;
  count: number;
}
const ROUTES = {
  replay: 'POST /admin/dead-letters/{id}/replay',
  discard: 'POST /admin/dead-letters/{id}/discard',
} as const;
type Deed = keyof typeof ROUTES;

const LOOK_EVERY_MS = 5_000;
const codeOf = ({ last_error }: OutboxEntry): string => errorOf(last_error)?.code ?? 'UNKNOWN';

/** Effects that were given up: by error, tried again or dropped, one or many at a time. */
export function DeadLetters() {
  const cache = useQueryClient();
  const stats = useGet('/admin/dead-letters/stats', {}, { everyMs: LOOK_EVERY_MS });
  const letters = usePages('/admin/dead-letters', { limit: 200 }, LOOK_EVERY_MS);
  const [group, setGroup] = useState<string>();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [deed, setDeed] = useState<Deed>();
  const [told, setTold] = useState<string>();

  /** One after the other: each is a decision of its own in the audit. */
  const decide = async (which: Deed, ids: readonly number[], reason: string): Promise<void> => {
    for (const id of ids) await send(ROUTES[which], { id }, { reason });
    setTold(`${count(ids.length)} ${which === 'replay' ? 'will be tried again' : 'were given up'}.`);
    setChosen(new Set());
    await cache.invalidateQueries();
  };

  return (
    <>
      <div className="view-head">
        <div>
          <h1>Dead letters</h1>
          <p className="quiet">
            Effects whose attempts ran out. A replay keeps the old key: what had succeeded after all is not done twice.
          </p>
        </div>
      </div>
      <div className="stack">
        <Answer of={stats}>{(known) => <Groups stats={known} chosen={group} onChoose={setGroup} />}</Answer>
        <p role="status" className={told === undefined ? 'visually-hidden' : 'done'}>
          {told}
        </p>
        <section className="card" aria-label="List of dead letters">
          <Pages<OutboxEntry>
            of={letters}
            empty={<Empty title="No dead letters">Everything that was wanted has been done, or is being tried.</Empty>}
          >
            {(all) => {
              const rows = all.filter((letter) => group === undefined || `${letter.type} ${codeOf(letter)}` === group);
              const ids = rows.map(({ id }) => id);
              const picked = ids.filter((id) => chosen.has(id));
              return (
                <>
                  <div className="card-head">
                    <label className="check small">
                      <input
                        type="checkbox"
                        checked={picked.length === ids.length && ids.length > 0}
                        onChange={({ target }) => setChosen(new Set(target.checked ? ids : []))}
                      />
                      All {count(rows.length)} shown
                    </label>
                    <div className="row">
                      <button
                        type="button"
                        className="button primary"
                        disabled={picked.length === 0}
                        onClick={() => setDeed('replay')}
                      >
                        Replay {picked.length > 0 ? picked.length : ''}
                      </button>
                      <button
                        type="button"
                        className="button danger"
                        disabled={picked.length === 0}
                        onClick={() => setDeed('discard')}
                      >
                        Discard {picked.length > 0 ? picked.length : ''}
                      </button>
                    </div>
                  </div>
                  <Letters
                    rows={rows}
                    chosen={chosen}
                    onChoose={(id, isChosen) =>
                      setChosen(new Set([...[...chosen].filter((each) => each !== id), ...(isChosen ? [id] : [])]))
                    }
                  />
                  {deed === undefined ? null : (
                    <ReasonDialog
                      title={deed === 'replay' ? `Replay ${picked.length}` : `Discard ${picked.length}`}
                      action={deed === 'replay' ? 'Replay' : 'Discard'}
                      isDangerous={deed === 'discard'}
                      work={(reason) => decide(deed, picked, reason)}
                      onClose={() => setDeed(undefined)}
                    />
                  )}
                </>
              );
            }}
          </Pages>
        </section>
      </div>
    </>
  );
}

function Groups({
  stats: { groups, total, oldest },
  chosen,
  onChoose,
}: {
  stats: DeadLetterFigures;
  chosen: string | undefined;
  onChoose: (group: string | undefined) => void;
}) {
  const merged = new Map<string, Group>();
  for (const { type, code, count: each } of groups) {
    const key = `${type} ${code}`;
    merged.set(key, { type, code, count: (merged.get(key)?.count ?? 0) + each });
  }
  if (total === 0) return null;
  return (
    <section className="card" aria-label="By error">
      <div className="card-head">
        <h2>By error</h2>
        <span className="small quiet">
          {count(total)} in all
          {oldest === null ? null : (
            <>
              , the oldest <Moment at={oldest} />
            </>
          )}
        </span>
      </div>
      <div className="row">
        {[...merged].map(([key, { type, code, count: each }]) => (
          <button
            key={key}
            type="button"
            className="button"
            aria-pressed={chosen === key}
            onClick={() => onChoose(chosen === key ? undefined : key)}
          >
            <code>{type}</code> {code} <span className="badge bad">{count(each)}</span>
          </button>
        ))}
      </div>
    </section>
  );
}

function Letters({
  rows,
  chosen,
  onChoose,
}: {
  rows: readonly OutboxEntry[];
  chosen: ReadonlySet<number>;
  onChoose: (id: number, isChosen: boolean) => void;
}) {
  return (
    <ul className="stack tight">
      {rows.map((letter) => {
        const { id, type, instance_id, last_error, attempts, finished_at, params } = letter;
        return (
          <li key={id} className="letter">
            <input
              type="checkbox"
              aria-label={`Choose ${type} ${id}`}
              checked={chosen.has(id)}
              onChange={({ target }) => onChoose(id, target.checked)}
            />
            <details className="explained grow">
              <summary>
                <code>{type}</code> <span className="badge bad">{codeOf(letter)}</span>{' '}
                <span className="small quiet">
                  {attempts} {attempts === 1 ? 'attempt' : 'attempts'}
                  {finished_at === null ? null : (
                    <>
                      , given up <Moment at={finished_at} />
                    </>
                  )}
                </span>
              </summary>
              <div className="stack tight">
                <p className="field-error">{errorOf(last_error)?.text}</p>
                <p className="small">
                  of <Link to={`/instances/${instance_id}?part=effects`}>{instance_id}</Link>
                </p>
                <pre tabIndex={0} aria-label={`What effect ${id} was to do`}>
                  {JSON.stringify(params, null, 2)}
                </pre>
              </div>
            </details>
          </li>
        );
      })}
    </ul>
  );
}
