import { useGet } from '../../api/queries.js';
import { isAllowed, useMe } from '../../parts/me.js';
import { Answer } from '../../parts/states.js';
import { count } from '../../parts/words.js';
import { Area } from './area.js';
import { ForceRequests } from './force-requests.js';

/** What a tenant has set for itself, its limits, and the forces that wait for a second administrator. */
export function Settings() {
  const me = useMe();
  return (
    <>
      <div className="view-head">
        <div>
          <h1>Settings</h1>
          <p className="quiet">Of tenant {me.tenant}. Every change is in the audit.</p>
        </div>
      </div>
      <div className="stack">
        {isAllowed(me, ['admin']) ? <ForceRequests /> : null}
        <Limits />
        {isAllowed(me, ['admin']) ? (
          <>
            <Area
              title="Forces that need two administrators"
              path="/admin/settings/force"
              route="PUT /admin/settings/force"
            />
            <Area title="Deals" path="/admin/settings/deals" route="PUT /admin/settings/deals" />
            <Area title="Investment deals" path="/admin/settings/investment" route="PUT /admin/settings/investment" />
            <Area title="Production deals" path="/admin/settings/production" route="PUT /admin/settings/production" />
            <Area title="NDAs" path="/admin/settings/nda" route="PUT /admin/settings/nda" />
            <Area
              title="Notifications"
              path="/admin/settings/notifications"
              route="PUT /admin/settings/notifications"
            />
          </>
        ) : null}
      </div>
    </>
  );
}

/** How much of what the tenant may use it has used. */
function Limits() {
  const account = useGet('/api/automation/account');
  return (
    <section className="card" aria-label="Limits">
      <h2>Limits</h2>
      <Answer of={account}>
        {({ data }) => (
          <dl className="facts">
            <Used name="Plan" text={data.plan ?? 'without limits'} />
            <Used name="Workflows" text={of(data.currentWorkflows, data.maxWorkflows)} />
            <Used name={`Executions in ${data.month}`} text={of(data.currentExecutions, data.maxExecutionsPerMonth)} />
            <Used name={`Events in ${data.month}`} text={of(data.currentEvents, data.maxEventsPerMonth)} />
          </dl>
        )}
      </Answer>
    </section>
  );
}

const of = (used: number | null, most: number | null): string =>
  most === null ? (used === null ? 'not counted' : count(used)) : `${count(used ?? 0)} of ${count(most)}`;

function Used({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}
