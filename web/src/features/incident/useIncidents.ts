import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { request } from '@/data/client'
import { useLiveEvents } from '@/data/live'
import { type IncidentFilter, type IncidentLineFragment, IncidentsDocument, IncidentSuspectsDocument } from '@/gql/graphql'

/** A trouble moves fast at first: what the live stream brings is looked at at most once in this time. */
export const PACE = 2000

/** Calls back after events came, not more often than the pace. */
export function useStir(enabled: boolean, stir: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useLiveEvents({}, enabled, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      stir()
    }, PACE)
  })
  useEffect(() => () => clearTimeout(timer.current), [])
}

/** The ranking of an incident; none is asked for without one. */
export function useRanking(number: number | undefined) {
  return useQuery({
    queryKey: ['incident-suspects', number],
    queryFn: ({ signal }) => request(IncidentSuspectsDocument, { number: number! }, signal),
    enabled: number !== undefined,
    placeholderData: keepPreviousData,
  })
}

/** The incidents that a filter finds, those opened last first. `known` are those that came with something else. */
export function useIncidents(filter: IncidentFilter, known?: readonly IncidentLineFragment[]) {
  const queries = useQueryClient()
  const query = useInfiniteQuery({
    queryKey: ['incidents', filter],
    queryFn: ({ pageParam, signal }) => request(IncidentsDocument, { filter, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.incidents.next ?? undefined,
    initialData: known && { pages: [{ incidents: { nodes: [...known], next: null } }], pageParams: [undefined] },
    placeholderData: keepPreviousData,
  })
  useStir(true, () => void queries.invalidateQueries({ queryKey: ['incidents'] }))
  return query
}
