/** Questions that several views ask. */
import {
  useInfiniteQuery,
  useQuery,
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { get, type Query } from './client.js';
import type { Description, Explanation, Instance, LifecycleSummary, Page, Schema } from './types.js';

export const useLifecycles = (): UseQueryResult<Page<LifecycleSummary>> =>
  useQuery({
    queryKey: ['lifecycles'],
    queryFn: ({ signal }) => get<Page<LifecycleSummary>>('/api/lifecycles', {}, signal),
    staleTime: Infinity,
  });

/** @param version the newest when left out */
export const useDescription = (name: string | undefined, version?: number): UseQueryResult<Description> =>
  useQuery({
    queryKey: ['lifecycle', name, version],
    queryFn: ({ signal }) =>
      get<Description>(
        `/api/lifecycles/${name ?? ''}${version === undefined ? '' : `/versions/${version}`}`,
        {},
        signal,
      ),
    enabled: name !== undefined,
    staleTime: Infinity,
  });

/** The schema of each event's payload, by event. */
export const usePayloads = (name: string | undefined): UseQueryResult<Record<string, Schema>> =>
  useQuery({
    queryKey: ['payloads', name],
    queryFn: async ({ signal }) => {
      const { data } = await get<{ data: { type: string; schema: Schema }[] }>(
        `/api/lifecycles/${name ?? ''}/payloads`,
        {},
        signal,
      );
      return Object.fromEntries(data.map(({ type, schema }) => [type, schema]));
    },
    enabled: name !== undefined,
    staleTime: Infinity,
  });

export const useInstance = (id: string): UseQueryResult<Instance> =>
  useQuery({
    queryKey: ['instance', id],
    queryFn: ({ signal }) => get<Instance>(`/api/instances/${id}`, {}, signal),
  });

/** Why each event of an instance would be taken or refused now. @param revision asks anew when it changes */
export const useExplanations = (id: string, revision: number): UseQueryResult<Explanation[]> =>
  useQuery({
    queryKey: ['instance', id, 'explain', revision],
    queryFn: async ({ signal }) =>
      (await get<{ data: Explanation[] }>(`/api/instances/${id}/explain`, {}, signal)).data,
    placeholderData: (before) => before,
  });

/** A list that the API gives page by page. @param everyMs how often it is asked anew */
export const usePages = <T, P extends Page<T> = Page<T>>(
  path: string,
  query: Query = {},
  everyMs?: number,
): UseInfiniteQueryResult<InfiniteData<P>> =>
  useInfiniteQuery({
    queryKey: ['pages', path, query],
    queryFn: ({ signal, pageParam }) => get<P>(path, { limit: PAGE, ...query, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });

const PAGE = 50;
