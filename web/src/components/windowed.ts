import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'

/**
 * Shows only the rows near the view, of lists whose row heights are known beforehand. Because nothing has to be
 * measured this is small, and a list of a hundred thousand rows costs one array of offsets. The row being read keeps
 * its place on the screen when rows come or go above it.
 */
export type Windowed = {
  /** Index of the first row to render, and of the one after the last. */
  start: number
  end: number
  /** Room above the first rendered row, and of the whole list, in pixels. */
  before: number
  total: number
  /** Brings a row into view, moving as little as possible. */
  reveal: (index: number) => void
  /** Goes to the very top, and stays there when rows come. */
  toTop: () => void
}

type Options = {
  scroller: RefObject<HTMLElement | null>
  count: number
  height: (index: number) => number
  /** The same row has the same key wherever it stands. Anchors are found by it. */
  keyOf: (index: number) => string
  /** Room above the list inside the scroller. */
  offset?: number
  overscan?: number
}

/** Rows that are drawn for a printer at most. */
const ON_PAPER = 2000

/** Whether the page is being printed: paper has no view to be near of. */
function usePaper(): boolean {
  const [paper, setPaper] = useState(false)
  useEffect(() => {
    // The browser prints what stands there when the listener returns.
    const before = () => flushSync(() => setPaper(true))
    const after = () => setPaper(false)
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
    }
  }, [])
  return paper
}

/** Tops of the rows, and at the end the height of all. */
export function tops(count: number, height: (index: number) => number): Float64Array {
  const out = new Float64Array(count + 1)
  for (let i = 0; i < count; i++) out[i + 1] = out[i]! + height(i)
  return out
}

/** The row at a distance from the top. */
export function rowAt(offsets: Float64Array, y: number): number {
  let low = 0
  let high = Math.max(0, offsets.length - 2)
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (offsets[middle]! <= y) low = middle
    else high = middle - 1
  }
  return low
}

export function useWindowed({ scroller, count, height, keyOf, offset = 0, overscan = 6 }: Options): Windowed {
  const offsets = useMemo(() => tops(count, height), [count, height])
  const [view, setView] = useState({ top: 0, bottom: 900 })
  const paper = usePaper()
  const anchor = useRef<{ key: string; delta: number } | null>(null)

  const clampTo = useCallback((y: number) => Math.max(0, Math.min(y, offsets[count]!)), [offsets, count])
  const start = count && !paper ? Math.max(0, rowAt(offsets, clampTo(view.top)) - overscan) : 0
  const end = count ? Math.min(count, paper ? ON_PAPER : rowAt(offsets, clampTo(view.bottom)) + 1 + overscan) : 0

  const look = useCallback(() => {
    const element = scroller.current
    if (!element) return
    const top = element.scrollTop - offset
    const first = count ? rowAt(offsets, Math.max(0, top)) : 0
    // At the very top new rows push the others down; anywhere else the row being read stays where it is.
    anchor.current = top > 1 && count ? { key: keyOf(first), delta: top - offsets[first]! } : null
    const bottom = top + element.clientHeight
    setView((old) => (Math.abs(old.top - top) < 24 && Math.abs(old.bottom - bottom) < 24 ? old : { top, bottom }))
  }, [scroller, offset, offsets, count, keyOf])

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const held = anchor.current
    if (held) {
      // The anchor is nearly always close to where it was; look outwards from there.
      const near = rowAt(offsets, Math.max(0, element.scrollTop - offset))
      for (let step = 0; step < count; step++) {
        const found = [near + step, near - step].find((i) => i >= 0 && i < count && keyOf(i) === held.key)
        if (found === undefined) continue
        const top = offsets[found]! + held.delta + offset
        if (Math.abs(top - element.scrollTop) > 0.5) element.scrollTop = top
        break
      }
    }
    look()
    element.addEventListener('scroll', look, { passive: true })
    const resized = new ResizeObserver(look)
    resized.observe(element)
    return () => {
      element.removeEventListener('scroll', look)
      resized.disconnect()
    }
  }, [scroller, look, offsets, count, keyOf, offset])

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current
      if (!element || index < 0 || index >= count) return
      const top = offsets[index]! + offset
      const bottom = offsets[index + 1]! + offset
      if (top < element.scrollTop) element.scrollTop = top
      else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight
      look()
    },
    [scroller, offsets, count, offset, look],
  )

  const toTop = useCallback(() => {
    anchor.current = null
    scroller.current?.scrollTo({ top: 0 })
  }, [scroller])

  return { start, end, before: offsets[start] ?? 0, total: offsets[count] ?? 0, reveal, toTop }
}
