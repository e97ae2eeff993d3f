import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { send } from '../../api/client.js';
import { useGet } from '../../api/queries.js';
import type { EffectAnswer, ExecutionView } from '../../api/schema.js';
import { Status } from '../../parts/badges.js';
import { AsText } from '../../parts/json.js';
import { isAllowed, useMe } from '../../parts/me.js';
import { Moment } from '../../parts/moment.js';
import { ReasonDialog } from '../../parts/reason.js';
import { Answer, Trouble } from '../../parts/states.js';
import { errorOf, span } from '../../parts/words.js';
import { AUTOMATION_WRITERS } from './roles.js';

const LOOK_EVERY_MS = 3_000;

/** One execution: how far it is, what came of each step, where it failed; called off, tried again, or run once more. */
export function Execution() {
  const { id = '' } = useParams();
  const execution = useGet('/api/automation/executions/{id}', { id }, { everyMs: LOOK_EVERY_MS });
  return <Answer of={execution}>{({ data }) => <Known execution={data} />}</Answer>;
}

function Known({ execution }: { execution: ExecutionView }) {
  const { id, workflowId, version, status, startedAt, duration, error, input, triggeredBy } = execution;
  const me = useMe();
  const go = useNavigate();
  const isOver = status !== 'pending' && status !== 'running';
  const again = useMutation({
    mutationFn: () => send('POST /api/automation/workflows/{id}/execute', { id: workflowId }, { input }),
    onSuccess: ({ data }) => void go(`/executions/${data.executionId}`),
  });
  const calling = useMutation({ mutationFn: () => send('POST /api/automation/executions/{id}/cancel', { id }) });
  return (
    <>
      <div className="view-head">
        <div>
          <p className="small">
            <Link to={`/executions?workflowId=${workflowId}`}>Executions</Link> of{' '}
            <Link to={`/workflows/${workflowId}`}>its workflow</Link> <span className="quiet">v{version}</span>
          </p>
          <h1 className="id">{id}</h1>
          <p className="row">
            <Status of={status} />
            <span className="small quiet">
              started <Moment at={startedAt} />
              {duration === null ? '' : `, took ${span(duration / 1_000)}`}
            </span>
            <Link className="small" to={`/instances/${id}`}>
              History, timers and diagram
            </Link>
          </p>
        </div>
        {isAllowed(me, AUTOMATION_WRITERS) ? (
          <div className="row">
            {isOver ? (
              <button type="button" className="button" disabled={again.isPending} onClick={() => again.mutate()}>
                Run again with this input
              </button>
            ) : (
              <button
                type="button"
                className="button danger"
                disabled={calling.isPending}
                onClick={() => calling.mutate()}
              >
                Call it off
              </button>
            )}
          </div>
        ) : null}
      </div>
      <div className="stack">
        {again.isError ? <Trouble error={again.error} /> : null}
        {calling.isError ? <Trouble error={calling.error} /> : null}
        {error === null ? null : (
          <div className="trouble">
            <p className="trouble-title">
              <code>{error.code}</code> {error.step === null ? '' : `in ${error.step}: `}
              {error.message}
            </p>
          </div>
        )}
        <div className="columns">
          <Steps execution={execution} />
          <section className="card" aria-label="What it works on">
            <h2>What it works on</h2>
            <AsText of={{ triggeredBy, input }} label="Trigger and input" />
          </section>
        </div>
      </div>
    </>
  );
}

/** What came of each step, and of each attempt at it. */
function Steps({ execution: { id, completedSteps, currentStep, context, error } }: { execution: ExecutionView }) {
  const me = useMe();
  const effects = useGet('/api/instances/{id}/effects', { id }, { everyMs: LOOK_EVERY_MS });
  const [chosen, setChosen] = useState<EffectAnswer>();
  const dead = effects.data?.data.filter(({ status }) => status === 'dead') ?? [];
  return (
    <section className="card" aria-label="Steps">
      <h2>Steps</h2>
      <ol className="timeline">
        {completedSteps.map((step, index) => (
          <li className="step good" key={index}>
            <div className="step-head">
              <code className="step-type">{step}</code>
              <span className="badge good">done</span>
            </div>
            {context[step] === undefined ? null : (
              <details>
                <summary className="small">What came of it</summary>
                <AsText of={context[step]} label={`What came of ${step}`} />
              </details>
            )}
          </li>
        ))}
        {error === null || error.step === null ? null : (
          <li className="step bad">
            <div className="step-head">
              <code className="step-type">{error.step}</code>
              <span className="badge bad">failed</span>
            </div>
          </li>
        )}
        {currentStep === null || completedSteps.includes(currentStep) || currentStep === error?.step ? null : (
          <li className="step accent">
            <div className="step-head">
              <code className="step-type">{currentStep}</code>
              <span className="badge accent">now</span>
            </div>
          </li>
        )}
      </ol>
      {dead.length === 0 ? null : (
        <>
          <h3>Given up</h3>
          <ul className="stack tight">
            {dead.map((effect) => (
              <li key={effect.id}>
                <p className="row">
                  <code>{effect.type}</code> <Status of="dead" />
                  {isAllowed(me, ['admin', 'operator']) ? (
                    <button type="button" className="button" onClick={() => setChosen(effect)}>
                      Try again<span className="visually-hidden"> {effect.type}</span>
                    </button>
                  ) : null}
                </p>
                <p className="field-error">{errorOf(effect.last_error)?.text}</p>
              </li>
            ))}
          </ul>
        </>
      )}
      {chosen === undefined ? null : (
        <ReasonDialog
          title={`Try ${chosen.type} again`}
          action="Try again"
          work={(reason) => send('POST /admin/dead-letters/{id}/replay', { id: chosen.id }, { reason })}
          onClose={() => setChosen(undefined)}
        />
      )}
    </section>
  );
}
