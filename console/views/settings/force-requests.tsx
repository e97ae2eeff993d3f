import { useState } from 'react';
import { Link } from 'react-router';
import { send } from '../../api/client.js';
import { usePages } from '../../api/queries.js';
import type { ForceRequestView } from '../../api/schema.js';
import { Status } from '../../parts/badges.js';
import { useMe } from '../../parts/me.js';
import { Moment } from '../../parts/moment.js';
import { Pages } from '../../parts/more.js';
import { ReasonDialog } from '../../parts/reason.js';

const LOOK_EVERY_MS = 5_000;
const DEEDS = {
  approve: { route: 'POST /admin/force-requests/{id}/approve', title: 'Agree to it', action: 'Agree and do it' },
  reject: { route: 'POST /admin/force-requests/{id}/reject', title: 'Refuse it', action: 'Refuse' },
} as const;
type Deed = keyof typeof DEEDS;

/** Forces that another administrator has to agree to. */
export function ForceRequests() {
  const { userId } = useMe();
  const requests = usePages('/admin/force-requests', {}, LOOK_EVERY_MS);
  const [chosen, setChosen] = useState<{ deed: Deed; request: ForceRequestView }>();
  return (
    <section className="card" aria-label="Forces that wait for a second administrator">
      <h2>Forces that wait for a second administrator</h2>
      <Pages<ForceRequestView> of={requests} empty="Nobody has asked for one">
        {(rows) => (
          <ul className="stack tight">
            {rows.map((request) => (
              <Request
                key={request.id}
                request={request}
                isMine={request.asked_by === userId}
                onDecide={(deed) => setChosen({ deed, request })}
              />
            ))}
          </ul>
        )}
      </Pages>
      {chosen === undefined ? null : (
        <ReasonDialog
          title={DEEDS[chosen.deed].title}
          action={DEEDS[chosen.deed].action}
          isDangerous={chosen.deed === 'approve'}
          work={(reason) => send(DEEDS[chosen.deed].route, { id: chosen.request.id }, { reason })}
          onClose={() => setChosen(undefined)}
        >
          <p className="quiet">{wanted(chosen.request)}</p>
        </ReasonDialog>
      )}
    </section>
  );
}

/** What is asked for, in short. */
const wanted = ({ request }: ForceRequestView): string =>
  'toState' in request ? `${request.fromState} → ${request.toState}` : `Settings: ${JSON.stringify(request.changes)}`;

function Request({
  request,
  isMine,
  onDecide,
}: {
  request: ForceRequestView;
  isMine: boolean;
  onDecide: (deed: Deed) => void;
}) {
  const { undoes, asked_by, asked_at, expires_at, status, decided_by, note } = request;
  return (
    <li className="explained">
      <p className="row">
        {request.instance_id === null ? null : (
          <Link className="id" to={`/instances/${request.instance_id}`}>
            {request.instance_id}
          </Link>
        )}
        <strong>{wanted(request)}</strong>
        {undoes ? <span className="badge">takes a force back</span> : null}
        <Status of={status} />
      </p>
      <p className="small">{request.request.reason}</p>
      <p className="small quiet">
        asked by {asked_by} <Moment at={asked_at} />
        {status === 'open' ? (
          <>
            , holds until <Moment at={expires_at} />
          </>
        ) : (
          `; ${status} by ${decided_by ?? ''}${note === null ? '' : `: ${note}`}`
        )}
      </p>
      {status === 'open' ? (
        <div className="row">
          {isMine ? null : (
            <button type="button" className="button danger" onClick={() => onDecide('approve')}>
              Agree<span className="visually-hidden"> to {wanted(request)}</span>
            </button>
          )}
          <button type="button" className="button" onClick={() => onDecide('reject')}>
            {isMine ? 'Take it back' : 'Refuse'}
          </button>
        </div>
      ) : null}
    </li>
  );
}
