import { useState } from 'react';
import { send } from '../../api/client.js';
import type { InstanceAnswer } from '../../api/schema.js';
import { ReasonDialog } from '../../parts/reason.js';
import { Force } from './force.js';

const ROUTES = {
  pause: 'POST /admin/workflows/{id}/pause',
  resume: 'POST /admin/workflows/{id}/resume',
  retry: 'POST /admin/workflows/{id}/retry',
  compensate: 'POST /admin/workflows/{id}/compensate',
} as const;
type Deed = keyof typeof ROUTES | 'force';

const DEEDS: Record<Exclude<Deed, 'force'>, { title: string; action: string; says: string; isDangerous?: boolean }> = {
  pause: { title: 'Pause it', action: 'Pause', says: 'Events, timers and effects stop until it is resumed.' },
  resume: { title: 'Resume it', action: 'Resume', says: 'It goes on; what fell due meanwhile follows at once.' },
  retry: {
    title: 'Retry its dead effects',
    action: 'Retry',
    says: 'Dead effects are tried again, under their old keys.',
  },
  compensate: {
    title: 'Compensate it',
    action: 'Compensate',
    says: 'What it did in the world is undone, as far as it can be undone.',
    isDangerous: true,
  },
};

/** What an administrator may do to an instance. Everything is audited, with the reason. */
export function Administration({ instance }: { instance: InstanceAnswer }) {
  const [deed, setDeed] = useState<Deed>();
  const { id, status } = instance;
  const isOver = status === 'done' || status === 'failed';
  const close = () => setDeed(undefined);
  const button = (which: Deed, text: string) => (
    <button type="button" className="button" onClick={() => setDeed(which)}>
      {text}
    </button>
  );
  return (
    <div className="row" role="group" aria-label="Administration">
      {status === 'paused'
        ? button('resume', 'Resume')
        : isOver
          ? button('compensate', 'Compensate')
          : button('pause', 'Pause')}
      {button('retry', 'Retry effects')}
      {button('force', 'Force…')}
      {deed === 'force' ? <Force instance={instance} onClose={close} /> : null}
      {deed !== undefined && deed !== 'force' ? (
        <ReasonDialog
          title={DEEDS[deed].title}
          action={DEEDS[deed].action}
          isDangerous={DEEDS[deed].isDangerous ?? false}
          work={(reason) => send(ROUTES[deed], { id }, { reason })}
          onClose={close}
        >
          <p className="quiet">{DEEDS[deed].says}</p>
        </ReasonDialog>
      ) : null}
    </div>
  );
}
