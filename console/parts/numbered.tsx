import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { Answer, Empty } from './states.js';

interface Numbered<T> {
  data: T[];
  metadata: { page: number; total: number; hasMore: boolean };
}

/** Which page the address names. */
export const usePageNumber = (): number => Math.max(1, Number(useSearchParams()[0].get('page') ?? 1) || 1);

/** A list whose pages are numbered; the number stands in the address. */
export function NumberedPages<T>({
  of,
  empty,
  children,
}: {
  of: UseQueryResult<Numbered<T>>;
  empty: { title: string; text: string };
  children: (rows: T[]) => ReactNode;
}) {
  const [, setQuery] = useSearchParams();
  const go = (page: number) =>
    setQuery((before) => {
      const next = new URLSearchParams(before);
      next.set('page', String(page));
      return next;
    });
  return (
    <Answer of={of}>
      {({ data, metadata: { page, total, hasMore } }) => (
        <>
          {data.length === 0 ? <Empty title={empty.title}>{empty.text}</Empty> : children(data)}
          {page > 1 || hasMore ? (
            <div className="pager row">
              <button type="button" className="button" disabled={page === 1} onClick={() => go(page - 1)}>
                Back
              </button>
              <span className="small quiet">
                page {page}, {total} in all
              </span>
              <button type="button" className="button" disabled={!hasMore} onClick={() => go(page + 1)}>
                Next
              </button>
            </div>
          ) : null}
        </>
      )}
    </Answer>
  );
}
