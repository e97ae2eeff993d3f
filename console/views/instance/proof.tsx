import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.js';
import { Answer } from '../../parts/states.js';

/** That the history is as it was written, and that it leads to what is stored. */
export function Proof({ id }: { id: string }) {
  return (
    <div className="columns">
      <One
        id={id}
        path="/admin/audit/verify/{id}"
        title="The history is as it was written"
        how="Each row carries the hash of the one before; all of them are computed again."
      />
      <One
        id={id}
        path="/admin/audit/replay/{id}"
        title="The history leads to the stored state"
        how="All its events are folded through the definition once more and compared."
      />
    </div>
  );
}

function One({
  id,
  path,
  title,
  how,
}: {
  id: string;
  path: '/admin/audit/verify/{id}' | '/admin/audit/replay/{id}';
  title: string;
  how: string;
}) {
  const proof = useQuery({
    queryKey: ['instance', id, 'proof', path],
    queryFn: ({ signal }) => get(path, { id }, signal),
  });
  return (
    <div className="stack tight">
      <h3>{title}</h3>
      <p className="quiet small">{how}</p>
      <Answer of={proof}>
        {({ ok, rows, badSeq, reason }) => (
          <p>
            <span className={ok ? 'badge good' : 'badge bad'}>{ok ? 'proved' : 'broken'}</span>{' '}
            {ok ? `${rows} rows` : `at row ${badSeq ?? '?'}: ${reason ?? ''}`}
          </p>
        )}
      </Answer>
    </div>
  );
}
