import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { get, Problem, send } from '../api/client.js';
import type { TaskView } from '../api/schema.js';
import type { Fields, Schema } from '../parts/form/schema.js';
import { Status } from '../parts/badges.js';
import { SchemaForm } from '../parts/form/schema-form.js';
import { answerOf, initialValues, messagesByField, unplaced } from '../parts/form/values.js';
import { Moment } from '../parts/moment.js';
import { Answer, Trouble } from '../parts/states.js';

const ROUTES = {
  claim: 'POST /api/tasks/{id}/claim',
  unclaim: 'POST /api/tasks/{id}/unclaim',
  draft: 'POST /api/tasks/{id}/draft',
  complete: 'POST /api/tasks/{id}/complete',
} as const;
type Deed = keyof typeof ROUTES;
const TOLD: Record<Deed, string> = {
  claim: 'It is yours now.',
  unclaim: 'Others can take it again.',
  draft: 'The draft is kept.',
  complete: 'It is done. Thank you.',
};

/** One task: what it is about, and the form it is answered in. */
export function Task() {
  const { id = '' } = useParams();
  const task = useQuery({
    queryKey: ['task', id],
    queryFn: ({ signal }) => get('/api/tasks/{id}', { id }, signal),
    // What is being filled in is not to change under one's hands.
    refetchOnWindowFocus: false,
  });
  return <Answer of={task}>{(known) => <Known task={known} key={`${known.task_id}${known.status}`} />}</Answer>;
}

function Known({ task }: { task: TaskView }) {
  const { task_id, title, description, status, priority, due_date, is_overdue, execution_id, allowed_events, form } =
    task;
  const may = (deed: Deed) => allowed_events.includes(`task.${deed}`);
  return (
    <>
      <div className="view-head">
        <div>
          <p className="small">
            <Link to="/tasks">My tasks</Link>
          </p>
          <h1>{title}</h1>
          <p className="row">
            <Status of={status} />
            <span className="badge">{priority} priority</span>
            <span className={is_overdue ? 'badge bad' : 'small quiet'}>
              due <Moment at={due_date} />
            </span>
            {task.claimed_by === null ? null : <span className="small quiet">taken by {task.claimed_by}</span>}
            <Link className="small" to={`/instances/${task_id}`}>
              History and diagram
            </Link>
            {execution_id === null ? null : (
              <Link className="small" to={`/instances/${execution_id}`}>
                What it is for
              </Link>
            )}
          </p>
        </div>
      </div>
      <section className="card task" aria-label="The task">
        {description === null ? null : <p className="description">{description}</p>}
        {status === 'completed' ? <Done task={task} /> : <Work task={task} may={may} />}
        {form.unresolved.length > 0 ? <p className="small quiet">Not known: {form.unresolved.join(', ')}</p> : null}
      </section>
    </>
  );
}

function Done({ task: { completed_by, completed_at, response_data } }: { task: TaskView }) {
  return (
    <>
      <p className="done">
        Completed by {completed_by} {completed_at === null ? null : <Moment at={completed_at} />}
      </p>
      <pre tabIndex={0} aria-label="The answer">
        {JSON.stringify(response_data, null, 2)}
      </pre>
    </>
  );
}

function Work({ task: { task_id, form }, may }: { task: TaskView; may: (deed: Deed) => boolean }) {
  const cache = useQueryClient();
  // Forms are JSON Schema; the API hands them on as they were written.
  const { json_schema: schema, ui_schema: ui, data } = form as { json_schema: Schema; ui_schema: Fields; data: Fields };
  const [values, setValues] = useState<Fields>(() => initialValues(schema, data));
  const [told, setTold] = useState<string>();
  const doing = useMutation({
    mutationFn: (deed: Deed) =>
      deed === 'draft' || deed === 'complete'
        ? send(ROUTES[deed], { id: task_id }, { formData: answerOf(schema, ui, values) })
        : send(ROUTES[deed], { id: task_id }),
    onMutate: () => setTold(undefined),
    onSuccess: (_, deed) => {
      setTold(TOLD[deed]);
      return Promise.all([
        cache.invalidateQueries({ queryKey: ['task', task_id] }),
        cache.invalidateQueries({ queryKey: ['tasks'] }),
      ]);
    },
  });
  const fields = doing.error instanceof Problem ? doing.error.fields : [];
  const isTold = fields.length > 0 && unplaced(fields, schema).length === 0;
  const label = (id: string, otherwise: string) => form.actions.find((action) => action.id === id)?.label ?? otherwise;
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate('complete');
      }}
    >
      <SchemaForm
        name="task"
        schema={schema}
        ui={ui}
        values={values}
        onChange={setValues}
        messages={messagesByField(fields, schema)}
      />
      {doing.isError && !isTold ? <Trouble error={doing.error} /> : null}
      {isTold ? (
        <p className="field-error" role="alert">
          Not everything fits yet; see beside the fields.
        </p>
      ) : null}
      <p role="status" className={told === undefined ? 'visually-hidden' : 'done'}>
        {told}
      </p>
      <div className="row">
        {may('complete') ? (
          <button type="submit" className="button primary" disabled={doing.isPending}>
            {label('submit', 'Complete')}
          </button>
        ) : null}
        {may('draft') ? (
          <button type="button" className="button" disabled={doing.isPending} onClick={() => doing.mutate('draft')}>
            {label('save_draft', 'Save draft')}
          </button>
        ) : null}
        {may('claim') ? (
          <button type="button" className="button" disabled={doing.isPending} onClick={() => doing.mutate('claim')}>
            Claim
          </button>
        ) : null}
        {may('unclaim') ? (
          <button type="button" className="button" disabled={doing.isPending} onClick={() => doing.mutate('unclaim')}>
            Give back
          </button>
        ) : null}
        {may('complete') || may('claim') ? null : (
          <p className="quiet">Others answer this task; you may only look at it.</p>
        )}
      </div>
    </form>
  );
}
