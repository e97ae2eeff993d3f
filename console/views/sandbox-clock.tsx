import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, send } from '../api/client.js';
import { Trouble } from '../parts/states.js';
import { fullTime } from '../parts/words.js';

const STEPS = [
  ['1h', '1 hour'],
  ['1d', '1 day'],
  ['7d', '7 days'],
] as const;

/** Moves business time forward, where the service lets one: deadlines of days are tried in a second. */
export function SandboxClock() {
  const cache = useQueryClient();
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => get('/health', {}, signal),
    staleTime: Infinity,
  });
  const advance = useMutation({
    mutationFn: (by: string) => send('POST /admin/clock', {}, { advance: by }),
    onSuccess: () => cache.invalidateQueries(),
  });
  if (health.data?.environment !== 'sandbox') return null;
  return (
    <div className="clock">
      <div className="row" role="group" aria-label="Move the sandbox's clock forward">
        <span className="small quiet">Sandbox clock</span>
        {STEPS.map(([by, name]) => (
          <button
            key={by}
            type="button"
            className="button"
            disabled={advance.isPending}
            onClick={() => advance.mutate(by)}
          >
            + {name}
          </button>
        ))}
      </div>
      <div role="status" className="small quiet">
        {advance.data ? `It is ${fullTime(advance.data.now)} in the sandbox now.` : null}
      </div>
      {advance.isError ? <Trouble error={advance.error} /> : null}
    </div>
  );
}
