import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Problem } from '../api/client.js';
import { WhyNot } from './why-not.js';

/** What a view shows of a question: that it is being asked, why it was not answered, or the answer. */
export function Answer<T>({ of, children }: { of: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return children(of.data);
  if (of.isError) return <Trouble error={of.error} retry={() => void of.refetch()} />;
  return <Loading />;
}

export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading</span>
      <span className="skeleton" />
      <span className="skeleton" />
      <span className="skeleton short" />
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children === undefined ? null : <div className="quiet">{children}</div>}
    </div>
  );
}

/** An error as the service tells it: what happened, which fields, and why a transition is not possible. */
export function Trouble({
  error,
  retry,
  withFields = true,
}: {
  error: unknown;
  retry?: () => void;
  withFields?: boolean;
}) {
  const problem = error instanceof Problem ? error : undefined;
  return (
    <div className="trouble" role="alert">
      <p className="trouble-title">
        {problem ? <code>{problem.code}</code> : null} {error instanceof Error ? error.message : String(error)}
      </p>
      {withFields && problem && problem.fields.length > 0 ? (
        <ul>
          {problem.fields.map(({ field, message }) => (
            <li key={field + message}>
              <code>{field}</code> {message}
            </li>
          ))}
        </ul>
      ) : null}
      {problem?.explanation ? <WhyNot explanation={problem.explanation} /> : null}
      {problem?.correlationId ? <p className="small quiet">Correlation id: {problem.correlationId}</p> : null}
      {retry ? (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      ) : null}
    </div>
  );
}
