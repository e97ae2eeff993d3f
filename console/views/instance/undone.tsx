import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, send } from '../../api/client.js';
import type { EffectAnswer, InstanceAnswer } from '../../api/schema.js';
import { Status } from '../../parts/badges.js';
import { isAllowed, useMe } from '../../parts/me.js';
import { Moment } from '../../parts/moment.js';
import { ReasonDialog } from '../../parts/reason.js';
import { Answer, Empty } from '../../parts/states.js';
import { errorOf } from '../../parts/words.js';

const LOOK_EVERY_MS = 2_000;
const DEEDS = {
  retry: { route: 'POST /admin/dead-letters/{id}/replay', title: 'Try this step again', action: 'Try again' },
  skip: { route: 'POST /admin/dead-letters/{id}/discard', title: 'Leave this step undone', action: 'Skip' },
} as const;
type Deed = keyof typeof DEEDS;

/** What of its deeds was undone, in the order of the undoing; a step that came to nothing is tried again or skipped. */
export function Undone({ instance: { id, compensation } }: { instance: InstanceAnswer }) {
  const me = useMe();
  const [chosen, setChosen] = useState<{ deed: Deed; step: EffectAnswer }>();
  const effects = useQuery({
    queryKey: ['instance', id, 'effects'],
    queryFn: ({ signal }) => get('/api/instances/{id}/effects', { id }, signal),
    refetchInterval: compensation === 'pending' ? LOOK_EVERY_MS : false,
  });
  return (
    <Answer of={effects}>
      {({ data }) => {
        const steps = data.filter(({ kind }) => kind === 'compensation');
        if (steps.length === 0)
          return (
            <Empty title="Nothing was undone">When it fails, what it did in the world is undone step by step.</Empty>
          );
        return (
          <div className="stack">
            <p>
              {steps.filter(({ status }) => status === 'done').length} of {steps.length} undone;{' '}
              <Status of={compensation} />
            </p>
            <ol className="stack tight">
              {steps.map((step) => (
                <li key={step.id} className="letter">
                  <div className="explained grow">
                    <p className="row">
                      <code>{step.type}</code> <Status of={step.status} />
                      <span className="small quiet">
                        {step.attempts === undefined ? '' : `${step.attempts.length} attempts, `}
                        <Moment at={step.finished_at ?? step.created_at} />
                      </span>
                    </p>
                    {errorOf(step.last_error) ? (
                      <p className="field-error">
                        <code>{errorOf(step.last_error)?.code}</code> {errorOf(step.last_error)?.text}
                      </p>
                    ) : null}
                    {step.status === 'dead' && isAllowed(me, ['admin', 'operator']) ? (
                      <div className="row">
                        <button
                          type="button"
                          className="button primary"
                          onClick={() => setChosen({ deed: 'retry', step })}
                        >
                          Try again<span className="visually-hidden"> {step.type}</span>
                        </button>
                        <button
                          type="button"
                          className="button danger"
                          onClick={() => setChosen({ deed: 'skip', step })}
                        >
                          Skip<span className="visually-hidden"> {step.type}</span>
                        </button>
                      </div>
                    ) : null}
                  </div>
                </li>
              ))}
            </ol>
            {chosen === undefined ? null : (
              <ReasonDialog
                title={DEEDS[chosen.deed].title}
                action={DEEDS[chosen.deed].action}
                isDangerous={chosen.deed === 'skip'}
                work={(reason) => send(DEEDS[chosen.deed].route, { id: chosen.step.id }, { reason })}
                onClose={() => setChosen(undefined)}
              >
                <p className="quiet">
                  <code>{chosen.step.type}</code>
                </p>
              </ReasonDialog>
            )}
          </div>
        );
      }}
    </Answer>
  );
}
