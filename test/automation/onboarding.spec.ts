import type { BusinessObject } from '../../src/integrations/sandbox/business.js';
import type { ChannelMessage } from '../../src/integrations/sandbox/channels.js';
import type { Mail } from '../../src/integrations/sandbox/smtp.js';
import { Pipeline } from '../support/events.js';
import { step, Workflows, type Execution } from '../support/workflows.js';
import { workstream } from '../support/workstream.js';

const service = workstream();
const workflows = new Workflows(service);
const events = new Pipeline(service);
const atSandbox = async <T>(path: string): Promise<T[]> =>
  (await fetch(`${service.live.sandbox.url}/_sandbox/${path}`)).json() as Promise<T[]>;

const to = '{{event.data.email}}';
const mail = (subject: string) => ({ to, subject, body: '<p>{{event.data.firstname}}, this is for you.</p>' });
const steps = [
  step.action('step_1', 'send_email', mail('Welcome'), {}, 'step_2'),
  step.action(
    'step_2',
    'send_slack_message',
    { channel: '#sales', text: `New enterprise signup: ${to}` },
    {},
    'step_3',
  ),
  step.action(
    'step_3',
    'create_crm_record',
    {
      type: 'contacts',
      data: {
        email: to,
        firstname: '{{event.data.firstname}}',
        lastname: '{{event.data.lastname}}',
        company: '{{event.data.company}}',
      },
    },
    {},
    'step_4',
  ),
  step.delay('step_4', '24h', 'step_5'),
  step.action('step_5', 'send_email', mail('Getting started')),
];

/** The executions of the workflow, and how many mails have gone out. */
async function state(): Promise<{ executions: Execution[]; mails: number }> {
  const { data } = await service.done<{ data: Execution[] }>(
    'GET',
    '/api/automation/workflows/wf_onboarding/executions',
  );
  return { executions: data, mails: (await atSandbox<Mail>('messages')).length };
}

it('welcomes a high-value signup: mail, Slack, CRM, a day, and the guide to getting started (R002-60, R002-61)', async () => {
  await service.done('POST', '/api/automation/workflows', {
    id: 'wf_onboarding',
    name: 'High-Value Signup Onboarding',
    steps,
    startStep: 'step_1',
    config: { maxExecutionTime: '1h', maxSteps: 10 },
  });
  await service.done('POST', '/api/automation/patterns', {
    id: 'pat_high_value',
    name: 'High-Value Signup',
    pattern: { type: 'event', eventType: 'user.signup', conditions: { plan: 'enterprise' } },
    workflowId: 'wf_onboarding',
  });
  const person = { email: 'ines@example.com', firstname: 'Ines', lastname: 'Adler', company: 'Acme' };
  const signup = (plan: string) => events.send({ type: 'user.signup', plan, ...person });
  await signup('free');
  await signup('enterprise');
  await service.work();

  const { executions, mails } = await state();
  expect(executions).toMatchObject([
    {
      status: 'running',
      currentStep: 'step_4',
      completedSteps: ['step_1', 'step_2', 'step_3'],
      triggeredBy: { type: 'pattern', id: 'pat_high_value', event: { data: person } },
    },
  ]);
  expect(mails).toBe(1);
  const slack = (await atSandbox<ChannelMessage>('channels')).filter(({ provider }) => provider === 'slack');
  expect(slack).toMatchObject([{ to: '#sales', text: 'New enterprise signup: ines@example.com' }]);
  expect(await atSandbox<BusinessObject>('business')).toMatchObject([
    { provider: 'hubspot', kind: 'contacts', fields: person },
  ]);

  await workflows.pass('23h');
  expect((await state()).mails).toBe(1);
  await workflows.pass('1h');
  expect(await state()).toMatchObject({
    executions: [{ status: 'completed', completedSteps: steps.map(({ id }) => id) }],
    mails: 2,
  });
  await service.live.prove(executions[0]?.id ?? '');
});
