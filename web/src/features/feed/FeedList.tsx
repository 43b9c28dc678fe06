import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { NewPill, DayHeader } from '@/components/controls'
import { Button } from '@/components/Button'
import { copyText } from '@/components/copy'
import { useWindowed } from '@/components/windowed'
import { useShortcuts } from '@/shell/keys'
import { useKinds } from '@/shell/viewer'
import { dayTitle, isoUTC } from '@/time/format'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'
import type { FeedLineFragment } from '@/gql/graphql'
import { FeedRow } from './FeedRow'
import { layOut } from './layout'
import { FeedEnd, SkeletonRows } from './FeedStates'
import type { Feed } from './useFeed'
import { describe, type Line } from './wording'

type Props = {
  feed: Feed
  /** The entity that the page is about: its rows do not repeat its name. */
  own?: string
  selected: string | null
  onOpen: (eventId: string) => void
  onClosePanel: () => void
  /** Shown under the last row. */
  end: React.ReactNode
}

const phoneQuery = '(width < 640px)'

export function usePhone(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(phoneQuery)
      media.addEventListener('change', changed)
      return () => media.removeEventListener('change', changed)
    },
    () => matchMedia(phoneQuery).matches,
  )
}

/** The list itself: only the rows near the view exist, however many there are. */
export function FeedList({ feed, own, selected, onOpen, onClosePanel, end }: Props) {
  const { rows, waiting, show, setHeld } = feed
  const kinds = useKinds()
  const { primary } = useZones()
  const phone = usePhone()
  const scroller = useRef<HTMLDivElement>(null)
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const [current, setCurrent] = useState<string | null>(null)

  // Wording a row is the dear part; a row that did not change keeps its words.
  const words = useMemo(() => {
    const cache = new WeakMap<FeedLineFragment, Line>()
    return (row: FeedLineFragment) => {
      let line = cache.get(row)
      if (!line) cache.set(row, (line = describe(row, kinds, own)))
      return line
    }
  }, [kinds, own])
  const items = useMemo(
    () => layOut({ rows, kinds, own, opened, zone: primary.id, metrics: { phone }, line: words }),
    [rows, kinds, own, opened, primary.id, phone, words],
  )

  const height = useCallback((i: number) => items[i]!.height, [items])
  const keyOf = useCallback((i: number) => items[i]!.key, [items])
  const { start, end: stop, before, total, reveal, toTop } = useWindowed({ scroller, count: items.length, height, keyOf })

  const setSize = feed.hasNextPage || feed.searchedUntil ? -1 : rows.length
  const oneEnvironment = (feed.filter.environments?.length ?? 0) === 1
  const tabStop = current !== null && rows.some((row) => row.id === current) ? current : (rows[0]?.id ?? null)

  const toggle = useCallback((id: string) => {
    setOpened((old) => {
      const next = new Set(old)
      if (!next.delete(id)) next.add(id)
      return next
    })
  }, [])

  // Reading holds the list still: scrolled down, hovered by a mouse, or with the focus inside.
  const reading = useRef({ scrolled: false, hovered: false, focused: false })
  const hold = useCallback(
    (change: Partial<typeof reading.current>) => {
      Object.assign(reading.current, change)
      const { scrolled, hovered, focused } = reading.current
      setHeld(scrolled || hovered || focused)
    },
    [setHeld],
  )
  useEffect(() => () => setHeld(false), [setHeld])

  const showNew = useCallback(() => {
    show()
    toTop()
  }, [show, toTop])

  // Focus follows the current row once it is drawn.
  const wantFocus = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (wantFocus.current === null) return
    const element = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wantFocus.current)}"]`)
    if (!element) return
    wantFocus.current = null
    element.focus({ preventScroll: true })
  })
  const moveTo = (index: number) => {
    const item = items[index]
    if (item?.type !== 'row') return
    setCurrent(item.row.id)
    wantFocus.current = item.row.id
    // The day above the first row of a day comes along.
    reveal(items[index - 1]?.type === 'day' ? index - 1 : index)
    reveal(index)
  }
  const focusedRow = () => {
    const id = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset.row
    return id && scroller.current?.contains(document.activeElement) ? id : null
  }
  const move = (step: 1 | -1) => () => {
    const focused = focusedRow()
    const from = focused ?? current
    let index = items.findIndex((item) => item.key === from)
    // The first press goes to the first row on the screen.
    if (index === -1 || (!focused && (index < start || index >= stop))) {
      const top = scroller.current?.scrollTop ?? 0
      let y = 0
      index = items.findIndex((item) => (y += item.height) > top) - step
    }
    do index += step
    while (items[index]?.type === 'day')
    moveTo(index)
  }
  const onCurrent = (act: (item: Extract<(typeof items)[number], { type: 'row' }>) => void) => () => {
    const id = focusedRow() ?? current
    const item = items.find((i) => i.key === id)
    if (item?.type === 'row') act(item)
  }

  useShortcuts([
    { keys: 'j, down, pagedown', label: 'Next row', group: 'Feed', run: move(1) },
    { keys: 'k, up, pageup', label: 'Row before', group: 'Feed', run: move(-1) },
    { keys: 'o', label: 'Open its link', group: 'Feed', run: onCurrent(({ row }) => row.event.links[0] && window.open(row.event.links[0].url, '_blank', 'noreferrer')) },
    { keys: 'right', label: 'Show its events', group: 'Feed', run: onCurrent((i) => i.row.count > 1 && !i.open && toggle(i.row.id)) },
    { keys: 'left', label: 'Hide its events', group: 'Feed', run: onCurrent((i) => i.open && toggle(i.row.id)) },
    { keys: 'c', label: 'Copy its time', group: 'Feed', run: onCurrent((i) => void copyText(isoUTC(i.ms))) },
    { keys: '.', label: 'Show what is new', group: 'Feed', run: showNew },
    {
      keys: 'escape',
      label: 'Close the side panel',
      group: 'Feed',
      run: () => {
        if (!selected) return
        onClosePanel()
        wantFocus.current = current
        setCurrent((id) => id)
      },
    },
  ])

  // The page asks for more before the end comes into view.
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = feed
  useEffect(() => {
    if (stop >= items.length - 8 && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [stop, items.length, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage])

  return (
    <div
      className="relative flex min-h-0 flex-1 flex-col"
      onPointerEnter={(e) => e.pointerType === 'mouse' && hold({ hovered: true })}
      onPointerLeave={() => hold({ hovered: false })}
    >
      <NewPill count={waiting} onShow={showNew} />
      <Announcer count={waiting} />
      <div ref={scroller} className="scroll-thin min-h-0 flex-1 [overflow-anchor:none]" onScroll={(e) => hold({ scrolled: e.currentTarget.scrollTop > 8 })}>
        <div
          role="feed"
          aria-label="Changes, newest first"
          aria-busy={feed.isFetchingNextPage || feed.isPlaceholderData}
          style={{ height: total, paddingTop: before }}
          className="@container box-border"
          onFocus={(e) => {
            hold({ focused: true })
            const id = e.target.closest<HTMLElement>('[data-row]')?.dataset.row
            if (id) setCurrent(id)
          }}
          onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && hold({ focused: false })}
          onKeyDown={(e) => {
            if (e.key === 'Enter' && e.target instanceof HTMLElement && e.target.dataset.row) onCurrent(({ row }) => onOpen(row.event.id))()
          }}
        >
          {items.slice(start, stop).map((item) =>
            item.type === 'day' ? (
              <Day key={item.key} ms={item.ms} note={item.note} zone={primary.id} />
            ) : (
              <FeedRow
                key={item.key}
                item={item}
                current={item.row.id === tabStop}
                selected={selected !== null && (item.row.event.id === selected || (item.open && item.row.events.some((e) => e.id === selected)))}
                setSize={setSize}
                showEnvironment={!oneEnvironment}
                onToggle={toggle}
                onOpen={onOpen}
              />
            ),
          )}
        </div>
        {isFetchingNextPage && <SkeletonRows count={3} />}
        {isFetchNextPageError && (
          <div className="flex items-center gap-3 px-5 py-3 text-text-2">
            Older rows could not be loaded.
            <Button small onClick={() => void fetchNextPage()}>
              Try again
            </Button>
          </div>
        )}
        {!hasNextPage && !isFetchingNextPage && <FeedEnd>{end}</FeedEnd>}
      </div>
    </div>
  )
}

function Day({ ms, note, zone }: { ms: number; note: string | null; zone: string }) {
  const now = useNow()
  return <DayHeader note={note}>{dayTitle(ms, zone, now)}</DayHeader>
}

/** Tells assistive technology of new rows, at most once in thirty seconds. */
function Announcer({ count }: { count: number }) {
  const [words, setWords] = useState('')
  const last = useRef(0)
  useEffect(() => {
    if (count === 0) return
    const timer = setTimeout(
      () => {
        last.current = Date.now()
        setWords(`${count} new. Press full stop to show.`)
      },
      Math.max(0, last.current + 30_000 - Date.now()),
    )
    return () => clearTimeout(timer)
  }, [count])
  return (
    <div role="status" className="sr-only">
      {words}
    </div>
  )
}
