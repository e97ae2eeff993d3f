import { step, Workflows } from '../support/workflows.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const workflows = new Workflows(service);
const emit = (id: string, event: string, next?: string) =>
  step.action(id, 'automation.emit_event', { event_type: event }, {}, next);

describe('an execution', () => {
  it('goes from step to step, keeps what came of each, and ends when there is none left (R002-41, R002-54)', async () => {
    const execution = await workflows.run(
      [
        step.transform('price', '{ net: input.amount, gross: round(input.amount * 1.19, 2) }', 'large'),
        step.condition('large', 'price.gross > 100', 'yes', 'no'),
        step.transform('yes', '"large: " + steps.price.gross'),
        step.transform('no', '"small"'),
      ],
      { amount: 100 },
    );
    expect(execution).toMatchObject({
      status: 'completed',
      completedSteps: ['price', 'large', 'yes'],
      currentStep: null,
      error: null,
      output: { price: { net: 100, gross: 119 }, large: { result: true }, yes: 'large: 119' },
      triggeredBy: { type: 'manual' },
    });
    expect(execution.completedAt).not.toBeNull();
    expect(execution.duration).toBeGreaterThanOrEqual(0);
  });

  it('ends where a condition has no branch (R002-43)', async () => {
    const execution = await workflows.run([
      step.condition('only', 'input.missing == 1', 'then'),
      emit('then', 'demo.x'),
    ]);
    expect(execution).toMatchObject({ status: 'completed', output: { only: { result: false } } });
  });

  it('has its row with everything that is known at once, and with nothing missing (R002-4, R002-26)', async () => {
    const id = await workflows.started(await workflows.made([step.delay('only', '1h')]), { a: 1 });
    const [row] = await service.rows('select * from automation.executions where execution_id = $1', id);
    expect(row).toMatchObject({
      triggered_by: { type: 'manual' },
      status: 'running',
      current_step: 'only',
      completed_steps: [],
      input: { a: 1 },
      output: null,
      error: null,
      started_at: expect.any(Date),
      completed_at: null,
    });
    const fields = ['id', 'workflowId', 'triggeredBy', 'status', 'currentStep', 'completedSteps', 'input', 'output'];
    expect(Object.keys(await workflows.execution(id))).toEqual(
      expect.arrayContaining([...fields, 'context', 'error', 'startedAt', 'completedAt', 'duration']),
    );
  });

  it('is counted once it has completed (R002-54)', async () => {
    const id = await workflows.made([step.transform('only', '1')]);
    await workflows.started(id);
    expect(await service.done('GET', `/api/automation/workflows/${id}`)).toMatchObject({
      data: { executionCount: 1, lastExecuted: expect.any(String) },
    });
  });

  it('fills references, keeps the kind of a whole one, and takes what stands for a missing one (R002-51)', async () => {
    const given = {
      whole: '{{input.list}}',
      within: 'Hello {{ input.name }}, you are {{input.age}}',
      missing: "{{input.none | default: 'nobody'}}",
      list: ['{{input.age}}', { deep: '{{execution.workflowId}}' }],
      field: '{{input.list[1].a}}',
    };
    const { output, workflowId } = await workflows.run([step.transform('only', 'input', undefined, given)], {
      list: [1, { a: true }],
      name: 'Ines',
      age: 7,
    });
    expect(output?.['only']).toEqual({
      whole: [1, { a: true }],
      within: 'Hello Ines, you are 7',
      missing: 'nobody',
      list: [7, { deep: workflowId }],
      field: true,
    });
  });

  it('is referred to by the names of the requirement, in loops the item and its place too (R002-46, R002-52)', async () => {
    const roots = {
      ...{
        input: '{{input.a}}',
        event: "{{event.id | default: 'none'}}",
        byId: '{{first}}',
        bySteps: '{{steps.first}}',
      },
      ...{ item: '{{item}}', index: '{{index}}', execution: '{{execution.id}}' },
    };
    const { id, output } = await workflows.run(
      [
        step.transform('first', '7', 'both'),
        step.parallel('both', ['left', 'right'], 'each'),
        step.transform('left', 'first + 1'),
        step.transform('right', 'first + 2'),
        step.loop('each', ['x'], ['told']),
        step.transform('told', 'input', undefined, roots),
      ],
      { a: 1 },
    );
    const told = { input: 1, event: 'none', byId: 7, bySteps: 7, item: 'x', index: 0, execution: id };
    expect(output).toMatchObject({ both: { left: 8, right: 9 }, each: [{ item: 'x', results: { told } }] });
  });

  it('fails where something it refers to is missing, and says where (R002-51, R002-55)', async () => {
    const execution = await workflows.run([
      step.transform('first', '1', 'second'),
      step.transform('second', 'input', undefined, 'for {{event.data.email}}'),
    ]);
    expect(execution).toMatchObject({
      status: 'failed',
      completedSteps: ['first'],
      error: { step: 'second', code: 'MISSING_REFERENCE', message: 'event.data.email is not there' },
      completedAt: expect.any(String),
    });
    expect(JSON.stringify(execution)).not.toMatch(/\bat .+:\d+:\d+/);
  });

  it('goes through the items of a list, each with its index and what came of its steps (R002-44)', async () => {
    const { output } = await workflows.run(
      [
        step.loop('each', '{{input.list}}', ['square', 'label'], 'after'),
        step.transform('square', 'item * item'),
        step.transform('label', 'index + ": " + square'),
        step.transform('after', 'map(each, item.results.label)'),
      ],
      { list: [2, 3] },
    );
    expect(output).toMatchObject({
      each: [
        { item: 2, results: { square: 4, label: '0: 4' } },
        { item: 3, results: { square: 9, label: '1: 9' } },
      ],
      after: ['0: 4', '1: 9'],
    });
  });

  it('goes through a list within a list, a list that is empty, and no more than it is told (R002-44)', async () => {
    const { output } = await workflows.run(
      [
        step.loop('outer', '{{input.rows}}', ['inner'], 'none'),
        step.loop('inner', '{{item}}', ['cell']),
        step.transform('cell', 'item + 1'),
        step.loop('none', [], ['never'], 'few'),
        step.transform('never', '1'),
        step.loop('few', [1, 2, 3], ['same'], undefined, { maxIterations: 2 }),
        step.transform('same', 'item'),
      ],
      { rows: [[1], [2, 3]] },
    );
    const cells = (output?.['outer'] as { results: { inner: { results: object }[] } }[]).map(({ results }) =>
      results.inner.map((turn) => turn.results),
    );
    expect(cells).toEqual([[{ cell: 2 }], [{ cell: 3 }, { cell: 4 }]]);
    expect(output).toMatchObject({ none: [], few: [{ item: 1 }, { item: 2 }] });
  });

  it('takes the branches of conditions in a loop, goes on from there by next, and ends the iteration where there is none (R002-43, R002-44)', async () => {
    const { output, completedSteps } = await workflows.run(
      [
        step.loop('each', '{{input.list}}', ['is', 'large', 'small', 'both'], 'after'),
        step.condition('is', 'item > 10', 'large', 'small'),
        step.transform('large', `'large ' + string(item)`, 'both'),
        step.transform('small', `'small ' + string(item)`),
        step.transform('both', 'index'),
        step.transform('after', 'length(each)'),
      ],
      { list: [5, 20] },
    );
    expect(output?.['each']).toEqual([
      { item: 5, results: { is: { result: false }, small: 'small 5' } },
      { item: 20, results: { is: { result: true }, large: 'large 20', both: 1 } },
    ]);
    expect(completedSteps).toEqual(['each', 'after']);
  });

  it('leaves a condition in a loop that leads nowhere to the order of the list, and ends an iteration whose branch is missing (R002-43, R002-44)', async () => {
    const { output } = await workflows.run([
      step.loop('plain', [1, 2], ['even', 'told'], 'some'),
      step.condition('even', 'item % 2 == 0'),
      step.transform('told', 'even.result'),
      step.loop('some', [1, 2], ['odd', 'only']),
      step.condition('odd', 'item % 2 == 1', 'only'),
      step.transform('only', 'item'),
    ]);
    const results = (name: string) => (output?.[name] as { results: object }[]).map((one) => one.results);
    expect(results('plain')).toEqual([
      { even: { result: false }, told: false },
      { even: { result: true }, told: true },
    ]);
    expect(results('some')).toEqual([{ odd: { result: true }, only: 1 }, { odd: { result: false } }]);
  });

  it('fails at a loop over what is no list (R002-44)', async () => {
    const steps = [step.loop('each', '{{input.list}}', ['same']), step.transform('same', 'item')];
    expect(await workflows.run(steps, { list: 'text' })).toMatchObject({ status: 'failed', error: { step: 'each' } });
  });

  it('does steps at the same time, and has what came of each by its name (R002-45)', async () => {
    const { output, completedSteps } = await workflows.run([
      step.parallel('both', ['told', 'sum'], 'after'),
      emit('told', 'demo.both'),
      step.transform('sum', '1 + 1'),
      step.transform('after', 'both.sum + sum'),
    ]);
    expect(output).toMatchObject({ both: { told: { fired: [] }, sum: 2 }, after: 4 });
    expect(completedSteps).toEqual(['both', 'after']);
  });

  it('fails at steps at the same time when one of them does, after all have ended (R002-45)', async () => {
    const { status, error } = await workflows.run([
      step.parallel('both', ['told', 'wrong']),
      emit('told', 'demo.told_beside'),
      step.transform('wrong', '1 / 0'),
    ]);
    expect({ status, error }).toMatchObject({ status: 'failed', error: { step: 'both', message: /wrong: / } });
    expect(await service.rows(`select 1 from automation.events where type = 'demo.told_beside'`)).toHaveLength(1);
  });

  it('takes the first of several that succeeds, where one is enough (R002-45)', async () => {
    const { status, output } = await workflows.run([
      step.parallel('any', ['wrong', 'right'], undefined, false),
      step.transform('wrong', '1 / 0'),
      step.transform('right', '"here"'),
    ]);
    expect({ status, output }).toEqual({ status: 'completed', output: { any: { right: 'here' }, right: 'here' } });
  });

  it('waits as long as it is told to, over days, by a durable timer (R002-47)', async () => {
    const id = await workflows.started(
      await workflows.made([step.delay('rest', '24h', 'after'), step.transform('after', '1')]),
    );
    await workflows.pass('23h');
    expect(await workflows.execution(id)).toMatchObject({ status: 'running', currentStep: 'rest', completedSteps: [] });
    await workflows.pass('1h');
    expect(await workflows.execution(id)).toMatchObject({ status: 'completed', completedSteps: ['rest', 'after'] });
  });

  it('does not count delays as time that its steps take, and ends when 30 days have passed (R002-58)', async () => {
    const config = { maxExecutionTime: '1h' };
    const steps = [step.delay('first', '20d', 'second'), step.delay('second', '20d')];
    const id = await workflows.started(await workflows.made(steps, { config }));
    await workflows.pass('20d');
    expect(await workflows.execution(id)).toMatchObject({ status: 'running', currentStep: 'second' });
    await workflows.pass('11d');
    expect(await workflows.execution(id)).toMatchObject({
      status: 'failed',
      error: { step: 'second', code: 'MAX_TOTAL_TIME_EXCEEDED' },
    });
  });

  it('ends at its most steps, those in loops included (R002-57)', async () => {
    const round = [step.transform('there', '1', 'back'), step.transform('back', '1', 'there')];
    expect(await workflows.run(round, {}, { config: { maxSteps: 7 } })).toMatchObject({
      status: 'failed',
      completedSteps: ['there', 'back', 'there', 'back', 'there', 'back', 'there'],
      error: { code: 'MAX_STEPS_EXCEEDED' },
    });
    const loop = [step.loop('each', [1, 2, 3], ['same']), step.transform('same', 'item')];
    expect(await workflows.run(loop, {}, { config: { maxSteps: 3 } })).toMatchObject({ status: 'failed' });
    expect(await workflows.run(loop, {}, { config: { maxSteps: 4 } })).toMatchObject({ status: 'completed' });
  });

  it('is called off while it waits; what is over cannot be (R002-59)', async () => {
    const id = await workflows.started(await workflows.made([step.delay('rest', '7d')]));
    const path = `/api/automation/executions/${id}/cancel`;
    expect((await service.ask('POST', path, {})).status).toBe(200);
    expect(await workflows.execution(id)).toMatchObject({ status: 'cancelled', currentStep: null });
    expect((await service.ask('POST', path, {})).status).toBe(409);
    const left = await service.rows('select 1 from engine.timers where instance_id = $1 and fired_at is null', id);
    expect(left).toEqual([]);
  });
});

describe('a step that fails', () => {
  const wrong = [step.transform('wrong', '1 / 0', 'after'), step.transform('after', '"went on"')];
  const handling = (onError: string, more: object = {}) => ({ config: { errorHandling: { onError, ...more } } });

  it('ends the execution, unless the workflow says to go on; then its error is what came of it (R002-56)', async () => {
    expect(await workflows.run(wrong)).toMatchObject({
      status: 'failed',
      error: { step: 'wrong', code: 'STEP_FAILED' },
    });
    expect(await workflows.run(wrong, {}, handling('continue'))).toMatchObject({
      status: 'completed',
      output: { wrong: { error: { code: 'STEP_FAILED' } }, after: 'went on' },
    });
  });

  it('is told of once as workflow.failed, unless the workflow says not to (R002-56)', async () => {
    const rule = { name: 'Failures', trigger: { event_types: ['workflow.failed'] } };
    const actions = [
      {
        type: 'automation.emit_event',
        params: { event_type: 'demo.seen', payload: { id: '{{payload.execution_id}}' } },
      },
    ];
    await service.done('POST', '/api/automation/rules', { ...rule, actions });
    const loud = await workflows.run(wrong);
    const quiet = await workflows.run(wrong, {}, handling('stop', { notifyOnError: false }));
    await service.work();
    const seen = await service.rows<{ id: string }>(
      `select payload ->> 'id' as id from automation.events where type = 'demo.seen' and payload ->> 'id' in ($1, $2)`,
      loud.id,
      quiet.id,
    );
    expect(seen).toEqual([{ id: loud.id }]);
  });
});
