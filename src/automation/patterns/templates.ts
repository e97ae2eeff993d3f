/** Patterns to begin with (R002-35). */
import type { Pattern } from './pattern.js';

/** A pattern to take over and change. */
export interface Template {
  id: string;
  name: string;
  description: string;
  pattern: Pattern;
}

export const TEMPLATES: readonly Template[] = [
  {
    id: 'high-value-signup',
    name: 'High-Value Signup',
    description: 'Somebody has signed up for the enterprise plan.',
    pattern: { type: 'event', eventType: 'user.signup', conditions: { plan: 'enterprise' } },
  },
  {
    id: 'abandoned-cart',
    name: 'Abandoned Cart',
    description: 'A cart was changed, and an hour later nothing has come of it.',
    pattern: {
      type: 'sql',
      query: `select user_id, max("timestamp") as last_update
  from events
 where type = 'cart.updated'
 group by user_id
having max("timestamp") < now() - interval '1 hour'
   and max("timestamp") > now() - interval '1 day'`,
      interval: '15m',
    },
  },
  {
    id: 'failed-logins',
    name: 'Failed Login Threshold',
    description: 'More than five logins have failed within five minutes.',
    pattern: {
      type: 'threshold',
      eventType: 'auth.login.failed',
      metric: 'COUNT(*)',
      operator: '>',
      value: 5,
      window: '5m',
    },
  },
  {
    id: 'user-journey',
    name: 'User Journey Sequence',
    description: 'From the signup to a complete profile within an hour, and to the first purchase within a day.',
    pattern: {
      type: 'sequence',
      events: [
        { eventType: 'user.signup' },
        { eventType: 'profile.completed', within: '1h' },
        { eventType: 'first.purchase', within: '24h' },
      ],
    },
  },
  {
    id: 'latency-spike',
    name: 'API Latency Spike',
    description: 'A request takes longer than usual.',
    pattern: {
      type: 'anomaly',
      eventType: 'api.request',
      metric: 'response_time',
      sensitivity: 'medium',
      window: '1h',
    },
  },
];
