import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';
import { get } from '../api/client.js';
import { signOut } from '../api/session.js';
import { AUTOMATION_READERS } from '../views/automation/roles.js';
import { Icon, Mark, type IconName } from './icons.js';
import { Answer } from './states.js';
import { isAllowed, MeContext, OVERSEERS } from './me.js';

interface Place {
  to: string;
  name: string;
  icon: IconName;
  /** Roles whose view it is; everybody's when left out. */
  roles?: readonly string[];
}

const PLACES: readonly Place[] = [
  { to: '/', name: 'Overview', icon: 'overview', roles: OVERSEERS },
  { to: '/instances', name: 'Instances', icon: 'instances' },
  { to: '/tasks', name: 'My tasks', icon: 'tasks' },
  { to: '/today', name: 'Today', icon: 'today', roles: ['sales', 'operator', 'admin', 'service', 'legal', 'viewer'] },
  { to: '/dead-letters', name: 'Dead letters', icon: 'dead-letters', roles: ['admin', 'operator'] },
  { to: '/messages', name: 'Webhook inbox', icon: 'messages', roles: ['admin', 'operator'] },
  { to: '/lifecycles', name: 'Definitions', icon: 'lifecycles' },
  { to: '/workflows', name: 'Workflows', icon: 'workflows', roles: AUTOMATION_READERS },
  { to: '/executions', name: 'Executions', icon: 'executions', roles: AUTOMATION_READERS },
  { to: '/patterns', name: 'Patterns', icon: 'patterns', roles: AUTOMATION_READERS },
  { to: '/runs', name: 'Function runs', icon: 'runs', roles: OVERSEERS },
  { to: '/settings', name: 'Settings', icon: 'settings', roles: ['admin'] },
  { to: '/audit', name: 'Audit', icon: 'audit', roles: ['admin'] },
];

/** What stands around every view: where one can go, and who one is. */
export function Shell() {
  const me = useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => get('/api/me', {}, signal),
    staleTime: Infinity,
  });
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => get('/health', {}, signal),
    staleTime: Infinity,
  });
  const cache = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(pathname);

  useEffect(() => {
    const place = PLACES.findLast(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
    document.title = [pathname.split('/')[2], place?.name, 'Statewright'].filter(Boolean).join(' · ');
  }, [pathname]);

  // Whoever listens to the page, or goes through it by keys, begins at the new view.
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);

  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="side">
        <div className="side-head">
          <NavLink to="/" className="brand" aria-label="Statewright, overview">
            <Mark />
            <span>Statewright</span>
          </NavLink>
          {health.data?.environment === 'sandbox' ? <span className="badge warn">sandbox</span> : null}
          <button
            type="button"
            className="button ghost menu-button"
            aria-expanded={isOpen}
            aria-controls="places"
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name={isOpen ? 'close' : 'menu'} />
            <span className="visually-hidden">Menu</span>
          </button>
        </div>
        <div id="places" className={isOpen ? 'places open' : 'places'}>
          <nav aria-label="Views">
            <ul>
              {PLACES.filter(({ roles }) => roles === undefined || isAllowed(me.data, roles)).map(
                ({ to, name, icon }) => (
                  <li key={to}>
                    <NavLink to={to} end={to === '/'} onClick={() => setOpen(false)}>
                      <Icon name={icon} />
                      {name}
                    </NavLink>
                  </li>
                ),
              )}
            </ul>
          </nav>
          <div className="who">
            {me.data ? (
              <div>
                <div className="who-name">{me.data.userId}</div>
                <div className="small quiet">
                  {me.data.roles.join(', ')} · {me.data.tenant}
                </div>
              </div>
            ) : null}
            <button
              type="button"
              className="button ghost"
              onClick={() => {
                cache.clear();
                signOut();
              }}
            >
              <Icon name="out" />
              Sign out
            </button>
          </div>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Answer of={me}>
          {(known) => (
            <MeContext value={known}>
              <Outlet />
            </MeContext>
          )}
        </Answer>
      </main>
    </div>
  );
}
