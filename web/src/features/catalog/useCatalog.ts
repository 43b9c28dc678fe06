import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { request } from '@/data/client'
import { useLiveEvents } from '@/data/live'
import {
  CatalogDocument,
  CatalogFacetsDocument,
  CatalogScanDocument,
  type CatalogQuery,
  CatalogTotalsDocument,
  type EntityFilter,
} from '@/gql/graphql'
import { startOfDay } from '@/time/format'
import { touchNow, useNow } from '@/time/now'
import { useZones } from '@/time/zones'
import { migrations } from './migration'
import { type CatalogParams, sortOf, toFilter } from './params'
import { join, newestFirst, type Pages, patch } from './patch'

const PAGE = 100
/** Of a view that only reading everything can tell, larger pages: fewer rounds. */
const LARGE_PAGE = 400
/** The first event shows at once; a busy stream is looked at again every two seconds. */
const SOON = 40
const PACE = 2000
/** How many of the newest changes a look takes in. More between two looks are seen when the list is read anew. */
const HEAD = 50

/** When the reader's day began. */
export function useDayStart(): number {
  const { primary } = useZones()
  return startOfDay(useNow(), primary.id)
}

/** Whether a row belongs in the view. What the roll itself cannot filter is told from the rows. */
export function inView(view: CatalogParams['view'], dayStart: number) {
  return (row: { onCall: readonly unknown[]; lastEvent: { startedAt: string } | null }) =>
    view === 'nobody' ? row.onCall.length === 0 : view === 'today' ? row.lastEvent !== null && Date.parse(row.lastEvent.startedAt) >= dayStart : true
}

/** The page that comes next; none once a list by last change has left today. */
export function nextOf<T extends { next: string | null; nodes: readonly { lastEvent: { startedAt: string } | null }[] }>(
  page: T,
  view: CatalogParams['view'],
  dayStart: number,
): string | undefined {
  const last = page.nodes.at(-1)
  if (view === 'today' && !(last?.lastEvent && Date.parse(last.lastEvent.startedAt) >= dayStart)) return undefined
  return page.next ?? undefined
}

/** The rows of the catalog, page after page, their last change kept current by the live stream. */
export function useCatalog(params: CatalogParams) {
  const queries = useQueryClient()
  const dayStart = useDayStart()
  const filter = useMemo(() => toFilter(params), [params])
  const sort = sortOf(params)
  const { view } = params
  const first = view === 'nobody' ? LARGE_PAGE : PAGE
  const key = useMemo(() => ['catalog', filter, sort, view, view === 'today' ? dayStart : 0] as const, [filter, sort, view, dayStart])

  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => request(CatalogDocument, { filter, sort, after: pageParam, first }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => nextOf(last.entities, view, dayStart),
    placeholderData: keepPreviousData,
  })
  const pages = query.data?.pages
  const [held, setHeld] = useState(false)
  const rows = useMemo(() => {
    const all = join(pages ?? []).filter(inView(view, dayStart))
    return sort === 'last_change' && !held ? newestFirst(all) : all
  }, [pages, view, dayStart, sort, held])

  // Everything has to be read before these are known: the view asks on by itself.
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query
  useEffect(() => {
    if (view === 'nobody' && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [view, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage])

  // While someone reads, rows change in their places; those that would move wait.
  const waiting = useRef<CatalogQuery['entities']['nodes'] | null>(null)
  const apply = useCallback(
    (nodes: CatalogQuery['entities']['nodes'], move: boolean) => {
      touchNow()
      queries.setQueryData<Pages>(key, (old) => old && patch(old, nodes, move))
    },
    [queries, key],
  )
  const onHead = useEffectEvent((head: CatalogQuery['entities']) => {
    const moves = sort === 'last_change'
    apply(head.nodes, moves && !held)
    waiting.current = moves && held ? head.nodes : null
    // Rows move only where something is well or ill that was not: the rest is patched in its place.
    const healths = new Map(rows.map((row) => [row.ref, row.condition?.health]))
    const moved = head.nodes.some(({ ref, condition }) => (healths.get(ref) ?? 'calm') !== (condition?.health ?? 'calm'))
    if (sort === 'health' && !held && moved) void queries.invalidateQueries({ queryKey: key, refetchType: (pages?.length ?? 0) <= 3 ? 'active' : 'none' })
    void queries.invalidateQueries({ queryKey: ['catalog-counts', 'facets'] })
    const known = pages?.[0]?.entities.total
    if (known === undefined || known === head.total) return
    // Something joined or left the roll: a short list is read anew, a long one keeps what it has.
    void queries.invalidateQueries({ queryKey: ['catalog'], refetchType: (pages?.length ?? 0) <= 3 ? 'active' : 'none' })
    void queries.invalidateQueries({ queryKey: ['catalog-counts'] })
    void queries.invalidateQueries({ queryKey: ['viewer'] })
  })
  useEffect(() => {
    if (held || !waiting.current) return
    apply(waiting.current, true)
    waiting.current = null
  }, [held, apply])

  const keyText = JSON.stringify(key)
  const refresh = useEffectEvent(async () => {
    const asked = keyText
    try {
      const { entities } = await request(CatalogDocument, { filter, sort: 'last_change', first: HEAD })
      if (asked === keyText) onHead(entities)
    } catch {
      // The stream itself notices when the server is gone; the next event asks again.
    }
  })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const last = useRef(0)
  useLiveEvents({}, query.isSuccess, () => {
    if (timer.current) return
    timer.current = setTimeout(
      () => {
        timer.current = undefined
        last.current = Date.now()
        void refresh()
      },
      Math.max(SOON, last.current + PACE - Date.now()),
    )
  })
  useEffect(() => () => clearTimeout(timer.current), [])

  const exact = (view === 'all' || view === 'unowned' || !hasNextPage) && !query.isPlaceholderData
  return {
    ...query,
    rows,
    filter,
    sort,
    setHeld,
    dayStart,
    /** How many pass; null while only reading on can tell. */
    total: pages ? (view === 'all' || view === 'unowned' ? pages[0]!.entities.total : exact ? rows.length : null) : null,
    /** How many were looked at, and of how many. */
    seen: pages?.reduce((sum, page) => sum + page.entities.nodes.length, 0) ?? 0,
    passing: pages?.[0]?.entities.total ?? 0,
  }
}

export type Catalog = ReturnType<typeof useCatalog>

/** Counts by value of what the other filters let through. */
export function useCatalogFacets(filter: EntityFilter) {
  return useQuery({
    queryKey: ['catalog-counts', 'facets', filter],
    queryFn: async ({ signal }) => {
      const { entities } = await request(CatalogFacetsDocument, { filter }, signal)
      return new Map(entities.facets.map((facet) => [facet.name, facet.values]))
    },
    placeholderData: keepPreviousData,
  })
}

/** Above this many the views that must be counted row by row show no count until they are opened. */
const SCAN = 1000

/** How many each view has, where it can be told without reading the whole roll. */
export function useViewCounts(): Partial<Record<CatalogParams['view'], number>> & { migrations: ReturnType<typeof migrations> } {
  const dayStart = useDayStart()
  const totals = useQuery({
    queryKey: ['catalog-counts', 'totals'],
    queryFn: ({ signal }) => request(CatalogTotalsDocument, {}, signal),
  })
  const all = totals.data?.all.total
  const scan = useQuery({
    queryKey: ['catalog-counts', 'scan'],
    queryFn: ({ signal }) => request(CatalogScanDocument, { first: SCAN }, signal),
    enabled: all !== undefined && all > 0 && all <= SCAN,
    refetchInterval: 60_000,
  })
  const nodes = scan.data && !scan.data.entities.next ? scan.data.entities.nodes : undefined
  return {
    all,
    unowned: totals.data?.unowned.total,
    nobody: nodes?.filter(inView('nobody', dayStart)).length,
    today: nodes?.filter(inView('today', dayStart)).length,
    migrations: migrations(nodes ?? []),
  }
}
