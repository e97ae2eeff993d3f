import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router';
import { Problem } from './api/client.js';
import { credential, watchSession } from './api/session.js';
import { Shell } from './parts/shell.js';
import { Execution } from './views/automation/execution.js';
import { Executions } from './views/automation/executions.js';
import { Pattern, Patterns } from './views/automation/patterns.js';
import { Workflow, Workflows } from './views/automation/workflows.js';
import { Instance } from './views/instance/instance.js';
import { Instances } from './views/instances.js';
import { Audit } from './views/audit.js';
import { DeadLetters } from './views/dead-letters.js';
import { Lifecycle, Lifecycles } from './views/lifecycles.js';
import { Messages } from './views/messages.js';
import { NotFound } from './views/not-found.js';
import { Overview } from './views/overview.js';
import { Run, Runs } from './views/runs.js';
import { Settings } from './views/settings/settings.js';
import { SignIn } from './views/sign-in.js';
import { Task } from './views/task.js';
import { Tasks } from './views/tasks.js';
import { Today } from './views/today.js';

const TRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A refusal stays one, however often it is asked for.
      retry: (tries, error) =>
        tries < TRIES && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
});

/** The console: signed in or not, and which view. */
export function App() {
  const key = useSyncExternalStore(watchSession, credential);
  if (key === null) {
    // What one user has seen is not for the next.
    queries.clear();
    return <SignIn />;
  }
  return (
    <QueryClientProvider client={queries}>
      <BrowserRouter>
        <Routes>
          <Route element={<Shell />}>
            <Route index element={<Overview />} />
            <Route path="instances" element={<Instances />} />
            <Route path="instances/:id" element={<Instance />} />
            <Route path="tasks" element={<Tasks />} />
            <Route path="tasks/:id" element={<Task />} />
            <Route path="today" element={<Today />} />
            <Route path="dead-letters" element={<DeadLetters />} />
            <Route path="lifecycles" element={<Lifecycles />} />
            <Route path="lifecycles/:id" element={<Lifecycle />} />
            <Route path="messages" element={<Messages />} />
            <Route path="workflows" element={<Workflows />} />
            <Route path="workflows/:id" element={<Workflow />} />
            <Route path="executions" element={<Executions />} />
            <Route path="executions/:id" element={<Execution />} />
            <Route path="patterns" element={<Patterns />} />
            <Route path="patterns/:id" element={<Pattern />} />
            <Route path="runs" element={<Runs />} />
            <Route path="runs/:id" element={<Run />} />
            <Route path="settings" element={<Settings />} />
            <Route path="audit" element={<Audit />} />
            <Route path="*" element={<NotFound />} />
          </Route>
        </Routes>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
