import { Link, useParams } from 'react-router';
import { useGet } from '../../api/queries.js';
import type { MatchView, PatternView } from '../../api/schema.js';
import { AsText } from '../../parts/json.js';
import { Moment } from '../../parts/moment.js';
import { NumberedPages, usePageNumber } from '../../parts/numbered.js';
import { Answer } from '../../parts/states.js';
import { count } from '../../parts/words.js';

const LOOK_EVERY_MS = 10_000;
const typeOf = ({ pattern }: Pick<PatternView, 'pattern'>): string => String(pattern['type'] ?? 'pattern');

/** What the tenant looks for in its events, and what it starts. */
export function Patterns() {
  const page = usePageNumber();
  const patterns = useGet('/api/automation/patterns', { page }, { everyMs: LOOK_EVERY_MS });
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Patterns</h1>
          <p className="quiet">What is looked for in events. Each match starts a workflow.</p>
        </div>
      </div>
      <section className="card" aria-label="List of patterns">
        <NumberedPages
          of={patterns}
          empty={{ title: 'No patterns yet', text: 'POST /api/automation/patterns makes the first one.' }}
        >
          {(rows) => (
            <div className="table-frame">
              <table className="list">
                <thead>
                  <tr>
                    <th scope="col">Pattern</th>
                    <th scope="col">Kind</th>
                    <th scope="col">Looks</th>
                    <th scope="col" className="number">
                      Matches
                    </th>
                    <th scope="col">Last</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.id}>
                      <td>
                        <Link to={`/patterns/${row.id}`}>{row.name}</Link> <span className="quiet">v{row.version}</span>
                      </td>
                      <td data-name="Kind">
                        <span className="badge">{typeOf(row)}</span>
                      </td>
                      <td data-name="Looks">
                        <Looks of={row} />
                      </td>
                      <td data-name="Matches" className="number">
                        {count(row.triggeredCount)}
                      </td>
                      <td data-name="Last" className="nowrap">
                        {row.lastTriggered === null ? (
                          <span className="quiet">never</span>
                        ) : (
                          <Moment at={row.lastTriggered} />
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </NumberedPages>
      </section>
    </>
  );
}

function Looks({ of: { enabled, lastError } }: { of: PatternView }) {
  if (lastError !== null) return <span className="badge bad">failed</span>;
  return <span className={enabled ? 'badge good' : 'badge'}>{enabled ? 'enabled' : 'disabled'}</span>;
}

/** One pattern, with its matches. */
export function Pattern() {
  const { id = '' } = useParams();
  const page = usePageNumber();
  const pattern = useGet('/api/automation/patterns/{id}', { id });
  const matches = useGet('/api/automation/patterns/{id}/matches', { id, page }, { everyMs: LOOK_EVERY_MS });
  return (
    <Answer of={pattern}>
      {({ data }) => (
        <>
          <div className="view-head">
            <div>
              <p className="small">
                <Link to="/patterns">Patterns</Link> <span className="quiet">v{data.version}</span>
              </p>
              <h1>{data.name}</h1>
              <p className="row">
                <span className="badge">{typeOf(data)}</span>
                <Looks of={data} />
                <Link className="small" to={`/workflows/${data.workflowId}`}>
                  What it starts
                </Link>
                {data.nextAt === null ? null : (
                  <span className="small quiet">
                    looked at next <Moment at={data.nextAt} />
                  </span>
                )}
              </p>
            </div>
          </div>
          <div className="stack">
            {data.lastError === null ? null : <p className="trouble">{data.lastError}</p>}
            <div className="columns">
              <section className="card" aria-label="Matches">
                <h2>Matches</h2>
                <NumberedPages
                  of={matches}
                  empty={{ title: 'No matches yet', text: 'They appear here with the events that were matched.' }}
                >
                  {(rows) => (
                    <ul className="stack tight">
                      {rows.map((match) => (
                        <Match match={match} key={match.id} />
                      ))}
                    </ul>
                  )}
                </NumberedPages>
              </section>
              <section className="card" aria-label="What it looks for">
                <h2>What it looks for</h2>
                {data.description === null ? null : <p>{data.description}</p>}
                <AsText of={data.pattern} label="The pattern" />
              </section>
            </div>
          </div>
        </>
      )}
    </Answer>
  );
}

const OUTCOMES: Readonly<Record<string, readonly [text: string, tone: string]>> = {
  started: ['started', 'good'],
  workflow_unavailable: ['no workflow to start', 'warn'],
  quota_exceeded: ['limit used up', 'bad'],
};

function Match({ match: { id, outcome, executionId, matchedAt, events, detail } }: { match: MatchView }) {
  const [text, tone] = OUTCOMES[outcome] ?? [outcome, ''];
  return (
    <li>
      <details className="explained">
        <summary>
          <Moment at={matchedAt} /> <span className={`badge ${tone}`}>{text}</span>{' '}
          <span className="small quiet">
            {events.length} {events.length === 1 ? 'event' : 'events'}
          </span>
        </summary>
        <div className="stack tight">
          {executionId === null ? null : (
            <p className="small">
              started <Link to={`/executions/${executionId}`}>{executionId}</Link>
            </p>
          )}
          <AsText of={{ detail, events }} label={`What match ${id} found`} />
        </div>
      </details>
    </li>
  );
}
