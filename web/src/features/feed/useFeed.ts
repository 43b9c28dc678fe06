import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { request } from '@/data/client'
import { useLiveEvents } from '@/data/live'
import { FeedDocument, type FeedFilter, FeedHistogramDocument, type FeedQuery } from '@/gql/graphql'
import { touchNow } from '@/time/now'
import { type FeedPageData, differs, joinPages, layOver, waiting } from './hold'
import { type FeedParams, toFilter, windowOf } from './params'

const PAGE = 50
/** The first event shows at once; a busy stream is looked at again once a second. */
const SOON = 40
const PACE = 1000

export type FeedScope = {
  params: FeedParams
  /** What the page is about, besides the URL's filter. */
  base?: FeedFilter
  defaultFrom: string
}

type Pages = InfiniteData<FeedQuery, string | undefined>

/** The rows of a feed, page after page, kept current by the live stream. */
export function useFeed({ params, base, defaultFrom }: FeedScope) {
  const queries = useQueryClient()
  const filter = useMemo(() => toFilter(params, base), [params, base])
  const from = params.from ?? defaultFrom
  const key = useMemo(() => ['feed', filter, from, params.to ?? null] as const, [filter, from, params.to])

  const fetchPage = useCallback(
    (after: string | undefined, signal?: AbortSignal) => {
      const { since, until } = windowOf({ ...params, from }, defaultFrom, Date.now())
      const bounded = { ...filter, since: iso(since), ...(until !== null && { until: iso(until) }) }
      return request(FeedDocument, { filter: bounded, after, first: PAGE }, signal)
    },
    [filter, from, params, defaultFrom],
  )

  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.feed.next ?? undefined,
    placeholderData: keepPreviousData,
  })
  const pages = query.data?.pages
  const rows = useMemo(() => joinPages((pages ?? []).map((page) => page.feed)), [pages])

  // The live part: a fresh head waits while someone reads, else it is laid over the list.
  const [held, setHeld] = useState(false)
  const [pending, setPending] = useState<FeedPageData | null>(null)
  const keyText = JSON.stringify(key)
  useEffect(() => setPending(null), [keyText])

  const apply = useCallback(
    (head: FeedPageData) => {
      setPending(null)
      touchNow()
      queries.setQueryData<Pages>(key, (old) => {
        const first = old?.pages[0]
        if (!old || !first) return old
        const joined = layOver(first.feed, head)
        if (!joined) return { pages: [{ feed: head }], pageParams: [undefined] }
        return { ...old, pages: [{ feed: joined }, ...old.pages.slice(1)] }
      })
      void queries.invalidateQueries({ queryKey: ['feed-counts'], refetchType: 'none' })
    },
    [queries, key],
  )

  const onHead = useEffectEvent((head: FeedPageData) => {
    if (!differs(rows, head.rows)) return
    if (held) setPending(head)
    else apply(head)
  })
  const refresh = useEffectEvent(async () => {
    try {
      const asked = keyText
      const { feed } = await fetchPage(undefined)
      if (asked === keyText) onHead(feed)
    } catch {
      // The stream itself notices when the server is gone; the next event asks again.
    }
  })

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const last = useRef(0)
  useLiveEvents(filter, !params.to && query.isSuccess, () => {
    if (timer.current) return
    const wait = Math.max(SOON, last.current + PACE - Date.now())
    timer.current = setTimeout(() => {
      timer.current = undefined
      last.current = Date.now()
      void refresh()
    }, wait)
  })
  useEffect(() => () => clearTimeout(timer.current), [])

  const show = useCallback(() => pending && apply(pending), [pending, apply])
  useEffect(() => {
    if (!held && pending) apply(pending)
  }, [held, pending, apply])

  return {
    ...query,
    rows,
    filter,
    base,
    from,
    searchedUntil: pages?.at(-1)?.feed.searchedUntil ?? null,
    waiting: useMemo(() => (pending ? waiting(rows, pending.rows) : 0), [pending, rows]),
    show,
    setHeld,
  }
}

export type Feed = ReturnType<typeof useFeed>

/** Counts over the window, by people and by automation. */
export function useHistogram({ params, base, defaultFrom }: FeedScope, buckets: number) {
  const filter = useMemo(() => toFilter(params, base), [params, base])
  const from = params.from ?? defaultFrom
  return useQuery({
    queryKey: ['feed-counts', 'histogram', filter, from, params.to ?? null, buckets],
    queryFn: async ({ signal }) => {
      const now = Date.now()
      const { since, until } = windowOf({ ...params, from }, defaultFrom, now)
      const end = until ?? now
      const { histogram } = await request(FeedHistogramDocument, { filter, since: iso(since), until: iso(end), buckets }, signal)
      // The server begins at a round time and counts in round lengths: the chart shows those.
      const start = Date.parse(histogram.since)
      return { ...histogram, start, end: start + histogram.people.length * histogram.bucketSeconds * 1000 }
    },
    placeholderData: keepPreviousData,
    refetchInterval: params.to ? false : 30_000,
  })
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}
