/** Questions that several views ask. */
import {
  useInfiniteQuery,
  useQuery,
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { Schema } from '../parts/form/schema.js';
import { get, type Values } from './client.js';
import type { ExplainedEvent, Gets, InstanceAnswer, LifecycleAnswer, LifecycleList } from './schema.js';

/** A page of a list: what follows it, if anything does. */
export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

/** The addresses that answer page by page. */
export type PagedPath = { [P in keyof Gets]: Gets[P] extends Page<unknown> ? P : never }[keyof Gets];
export type RowOf<P extends PagedPath> = Gets[P]['data'][number];

/** Asks once and keeps the answer for a moment. @param everyMs how often it is asked anew */
export const useGet = <P extends keyof Gets>(
  path: P,
  values: Values = {},
  { everyMs, isAsked = true }: { everyMs?: number; isAsked?: boolean } = {},
): UseQueryResult<Gets[P]> =>
  useQuery({
    queryKey: [path, values],
    queryFn: ({ signal }) => get(path, values, signal),
    enabled: isAsked,
    placeholderData: (before) => before,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });

export const useLifecycles = (): UseQueryResult<LifecycleList> =>
  useQuery({
    queryKey: ['lifecycles'],
    queryFn: ({ signal }) => get('/api/lifecycles', {}, signal),
    staleTime: Infinity,
  });

/** @param version the newest when left out */
export const useDescription = (name: string | undefined, version?: number): UseQueryResult<LifecycleAnswer> =>
  useQuery({
    queryKey: ['lifecycle', name, version],
    queryFn: ({ signal }) =>
      version === undefined
        ? get('/api/lifecycles/{name}', { name }, signal)
        : get('/api/lifecycles/{name}/versions/{version}', { name, version }, signal),
    enabled: name !== undefined,
    staleTime: Infinity,
  });

/** The schema of each event's payload, by event. */
export const usePayloads = (name: string | undefined): UseQueryResult<Record<string, Schema>> =>
  useQuery({
    queryKey: ['payloads', name],
    queryFn: async ({ signal }) => {
      const { data } = await get('/api/lifecycles/{name}/payloads', { name }, signal);
      return Object.fromEntries(data.map(({ type, schema }) => [type, schema as Schema]));
    },
    enabled: name !== undefined,
    staleTime: Infinity,
  });

export const useInstance = (id: string): UseQueryResult<InstanceAnswer> =>
  useQuery({
    queryKey: ['instance', id],
    queryFn: ({ signal }) => get('/api/instances/{id}', { id }, signal),
  });

/** Why each event of an instance would be taken or refused now. @param revision asks anew when it changes */
export const useExplanations = (id: string, revision: number): UseQueryResult<ExplainedEvent[]> =>
  useQuery({
    queryKey: ['instance', id, 'explain', revision],
    queryFn: async ({ signal }) => {
      const explained = await get('/api/instances/{id}/explain', { id }, signal);
      return 'data' in explained ? explained.data : [explained];
    },
    placeholderData: (before) => before,
  });

/** A list that the API gives page by page. @param everyMs how often it is asked anew */
export const usePages = <P extends PagedPath>(
  path: P,
  values: Values = {},
  everyMs?: number,
): UseInfiniteQueryResult<InfiniteData<Gets[P]>> =>
  useInfiniteQuery({
    queryKey: ['pages', path, values],
    queryFn: ({ signal, pageParam }) => get(path, { limit: PAGE, ...values, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });

const PAGE = 50;
