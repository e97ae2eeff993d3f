import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { send } from '../api/client.js';
import { usePages } from '../api/queries.js';
import type { InboxEntry, InboxEntryPage } from '../api/schema.js';
import { Status } from '../parts/badges.js';
import { Moment } from '../parts/moment.js';
import { Pages } from '../parts/more.js';
import { ReasonDialog } from '../parts/reason.js';
import { Empty } from '../parts/states.js';

const LOOK_EVERY_MS = 5_000;
const STATUSES = ['received', 'applied', 'ignored', 'quarantined', 'failed'];
const AGAIN = new Set(['ignored', 'quarantined', 'failed']);

/** What providers told us by webhooks, and what became of it. */
export function Messages() {
  const [query, setQuery] = useSearchParams();
  const status = query.get('status') ?? undefined;
  const messages = usePages('/admin/webhooks', { status }, LOOK_EVERY_MS);
  const [chosen, setChosen] = useState<InboxEntry>();
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Webhook inbox</h1>
          <p className="quiet">
            Each message is verified and kept before it is applied; bodies and signatures stay in the service.
          </p>
        </div>
        <label className="field">
          <span className="field-name">Status</span>
          <select
            value={status ?? ''}
            onChange={({ target }) => setQuery(target.value === '' ? {} : { status: target.value }, { replace: true })}
          >
            <option value="">All</option>
            {STATUSES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </div>
      <section className="card" aria-label="List of messages">
        <Pages<InboxEntry, InboxEntryPage>
          of={messages}
          empty={<Empty title="No messages">Providers have told nothing of this kind yet.</Empty>}
        >
          {(rows, [first]) => (
            <>
              {first && first.unaddressed > 0 ? (
                <p className="small quiet">{first.unaddressed} more messages name no instance of anybody.</p>
              ) : null}
              <Table rows={rows} onReplay={setChosen} />
            </>
          )}
        </Pages>
      </section>
      {chosen ? (
        <ReasonDialog
          title={`Apply ${chosen.type} once more`}
          action="Replay"
          work={(reason) =>
            send(
              'POST /admin/webhooks/{provider}/{id}/replay',
              { provider: chosen.provider, id: chosen.provider_event_id },
              { reason },
            )
          }
          onClose={() => setChosen(undefined)}
        />
      ) : null}
    </>
  );
}

function Table({ rows, onReplay }: { rows: readonly InboxEntry[]; onReplay: (message: InboxEntry) => void }) {
  return (
    <div className="table-frame">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Message</th>
            <th scope="col">Status</th>
            <th scope="col">Instance</th>
            <th scope="col">Received</th>
            <th scope="col">Again</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((message) => (
            <tr key={`${message.provider}${message.provider_event_id}`}>
              <td>
                <span>
                  <span className="badge">{message.provider}</span> <code>{message.type}</code>
                </span>
              </td>
              <td data-name="Status">
                <span>
                  <Status of={message.status} />{' '}
                  {message.reason === null ? null : <span className="small quiet">{message.reason}</span>}
                </span>
              </td>
              <td data-name="Instance">
                {message.instance_id === null ? (
                  <span className="quiet">—</span>
                ) : (
                  <Link className="id" to={`/instances/${message.instance_id}`}>
                    {message.instance_id}
                  </Link>
                )}
              </td>
              <td data-name="Received" className="nowrap">
                <Moment at={message.received_at} />
              </td>
              <td data-name="Again">
                {AGAIN.has(message.status) ? (
                  <button
                    type="button"
                    className="button"
                    aria-label={`Replay ${message.type} ${message.provider_event_id}`}
                    onClick={() => onReplay(message)}
                  >
                    Replay
                  </button>
                ) : (
                  <span className="quiet">—</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
