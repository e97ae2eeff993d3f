import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Page } from '../api/queries.js';
import { Empty, Loading, Trouble } from './states.js';

interface Shown<T, P extends Page<T>> {
  of: UseInfiniteQueryResult<InfiniteData<P>>;
  /** What it says where there is nothing. */
  empty: ReactNode;
  children: (rows: T[], pages: P[]) => ReactNode;
}

/** A list that is read page by page. */
export function Pages<T, P extends Page<T> = Page<T>>({ of, empty, children }: Shown<T, P>) {
  if (of.data === undefined)
    return of.isError ? <Trouble error={of.error} retry={() => void of.refetch()} /> : <Loading />;
  const rows = of.data.pages.flatMap(({ data }) => data);
  return (
    <>
      {rows.length === 0 ? typeof empty === 'string' ? <Empty title={empty} /> : empty : children(rows, of.data.pages)}
      {of.isError ? <Trouble error={of.error} retry={() => void of.refetch()} /> : null}
      {of.hasNextPage ? (
        <div className="pager">
          <button
            type="button"
            className="button"
            disabled={of.isFetchingNextPage}
            onClick={() => void of.fetchNextPage()}
          >
            {of.isFetchingNextPage ? 'Loading…' : 'Show more'}
          </button>
        </div>
      ) : null}
    </>
  );
}
