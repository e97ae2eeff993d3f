import { useState } from 'react';
import { send } from '../../api/client.js';
import { useGet } from '../../api/queries.js';
import type { InstanceAnswer, MoveAnswer } from '../../api/schema.js';
import { ReasonDialog } from '../../parts/reason.js';
import { Answer } from '../../parts/states.js';
import { eventName } from '../../parts/words.js';

/** The version it lives on, what a move to the newest would come to, and the way back from the last move. */
export function Versions({ instance: { id, version, revision } }: { instance: InstanceAnswer }) {
  const plan = useGet('/admin/workflows/{id}/migration', { id, revision });
  const [deed, setDeed] = useState<'move' | 'undo'>();
  return (
    <Answer of={plan}>
      {(move) => (
        <div className="stack">
          {version === move.to ? (
            <p>It lives on version {version}, which is the newest.</p>
          ) : (
            <Verdict move={move} onMove={() => setDeed('move')} />
          )}
          <p className="row">
            <button type="button" className="button" onClick={() => setDeed('undo')}>
              Take the last move back
            </button>
            <span className="small quiet">Possible as long as nothing has happened since.</span>
          </p>
          {deed === undefined ? null : (
            <ReasonDialog
              title={deed === 'move' ? `Move it to version ${move.to}` : 'Take the last move back'}
              action={deed === 'move' ? 'Move it' : 'Take it back'}
              work={(reason) =>
                send(
                  deed === 'move' ? 'POST /admin/workflows/{id}/migrate' : 'POST /admin/workflows/{id}/migrate/undo',
                  { id },
                  { reason },
                )
              }
              onClose={() => setDeed(undefined)}
            />
          )}
        </div>
      )}
    </Answer>
  );
}

function Verdict({
  move: { version, to, from, verdict, reason, becomes },
  onMove,
}: {
  move: MoveAnswer;
  onMove: () => void;
}) {
  return (
    <div className="inset stack tight">
      <p>
        From version {version} to {to}:{' '}
        <span className={verdict === 'auto' ? 'badge good' : 'badge bad'}>{verdict}</span> {reason}
      </p>
      {becomes === undefined ? null : (
        <>
          <p>
            <strong>{from}</strong> → <strong>{becomes.state}</strong>
          </p>
          <p className="small quiet">
            {becomes.effects.length === 0 ? 'Nothing would be done in the world. ' : ''}
            {becomes.effects.map(({ type }) => `Would do ${type}. `)}
            {becomes.timersArmed.map(({ id }) => `Sets ${eventName(id)}. `)}
            {becomes.timersCancelled.map((id) => `Drops ${eventName(id)}. `)}
            {becomes.invariantsBroken.map(({ says }) => `Would break: ${says}. `)}
          </p>
          <div className="row">
            <button type="button" className="button primary" onClick={onMove}>
              Move it…
            </button>
          </div>
        </>
      )}
    </div>
  );
}
