import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { cx } from '@/components/cx'
import { TimeAxis } from '@/components/TimeAxis'
import { clock, date } from '@/time/format'
import { useZones } from '@/time/zones'

export type Counts = { start: number; end: number; bucketSeconds: number; people: readonly number[]; automation: readonly number[] }

type Props = {
  counts: Counts
  /** Sets the window, when part of the chart was marked. */
  onBrush: (from: number, to: number) => void
}

const HEIGHT = 44
const AXIS = 30

/** How many bars there is room for, each at least eight pixels wide. */
export function bucketsFor(width: number): number {
  return Math.max(24, Math.min(96, Math.floor(width / 9.8)))
}

/** What the chart shows, as one sentence. */
export function chartSentence(counts: Counts, zone: string): string {
  const sums = counts.people.map((n, i) => n + (counts.automation[i] ?? 0))
  const all = sums.reduce((a, b) => a + b, 0)
  if (all === 0) return 'No changes in this window.'
  const people = counts.people.reduce((a, b) => a + b, 0)
  const peak = sums.indexOf(Math.max(...sums))
  const at = counts.start + peak * counts.bucketSeconds * 1000
  return `${all} changes, ${people} by people and ${all - people} by automation; most of them, ${sums[peak]}, around ${date(at, zone)} ${clock(at, zone)}.`
}

/** Changes over time. Dragging across it sets the window; so do the two sliders that keyboard users reach. */
export function Histogram({ counts, onBrush }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [drag, setDrag] = useState<{ a: number; b: number } | null>(null)
  const { primary } = useZones()

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)))
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [])

  const { start, end, people, automation } = counts
  const span = Math.max(1, end - start)
  const n = people.length
  const slot = width / Math.max(1, n)
  const highest = Math.max(1, ...people.map((count, i) => count + (automation[i] ?? 0)))
  // By the root: one storm would otherwise press the rest of a day flat. How many they are is said, and never read off.
  const heightOf = (count: number) => (HEIGHT - 12) * Math.sqrt(count / highest)
  const xOf = (t: number) => ((t - start) / span) * width
  const tOf = (x: number) => start + (Math.max(0, Math.min(width, x)) / Math.max(1, width)) * span

  const place = (e: PointerEvent) => e.clientX - box.current!.getBoundingClientRect().left
  const finish = () => {
    if (!drag) return
    setDrag(null)
    if (Math.abs(drag.b - drag.a) < 6) return
    onBrush(tOf(Math.min(drag.a, drag.b)), tOf(Math.max(drag.a, drag.b)))
  }

  return (
    <div ref={box} className="relative h-[74px]">
      {width > 0 && (
        <svg width={width} height={HEIGHT + AXIS} className="block overflow-visible" role="img" aria-label={chartSentence(counts, primary.id)}>
          {people.map((p, i) => {
            const a = automation[i] ?? 0
            const per = heightOf(a + p) / (a + p)
            const ha = a ? Math.max(1, a * per) : 0
            const hp = p ? Math.max(1, p * per) : 0
            const w = Math.max(1, slot - 1.4)
            return (
              <g key={i}>
                {ha > 0 && <rect x={i * slot + 0.5} y={HEIGHT - ha} width={w} height={ha} className="fill-text-3 opacity-42" />}
                {hp > 0 && <rect x={i * slot + 0.5} y={HEIGHT - ha - hp - (ha ? 0.8 : 0)} width={w} height={hp} className="fill-accent opacity-85" />}
              </g>
            )
          })}
          <line x1={0} x2={width} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} className="stroke-border-strong" />
          {drag && (
            <rect
              x={Math.min(drag.a, drag.b)}
              y={-2}
              width={Math.abs(drag.b - drag.a)}
              height={HEIGHT + 2}
              rx={3}
              className="fill-accent/10 stroke-accent/50"
            />
          )}
          <TimeAxis start={start} end={end} width={width} y={HEIGHT} />
        </svg>
      )}
      <div
        aria-hidden
        className={cx('absolute inset-x-0 top-0 h-11 touch-pan-y', drag ? 'cursor-col-resize' : 'cursor-crosshair')}
        onPointerDown={(e) => {
          if (e.button !== 0) return
          e.currentTarget.setPointerCapture(e.pointerId)
          setDrag({ a: place(e), b: place(e) })
        }}
        onPointerMove={(e) => drag && setDrag({ ...drag, b: Math.max(0, Math.min(width, place(e))) })}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
      />
      <KeyboardBrush counts={counts} onBrush={onBrush} onPreview={(a, b) => setDrag(a === null ? null : { a: xOf(a), b: xOf(b) })} />
    </div>
  )
}

/** The same by keyboard: two sliders that appear on focus; Enter sets the window, Esc forgets it. */
function KeyboardBrush({ counts, onBrush, onPreview }: Props & { onPreview: (a: number | null, b: number) => void }) {
  const { primary } = useZones()
  const n = counts.people.length
  const [range, setRange] = useState<[number, number]>([0, n])
  const at = (i: number) => counts.start + (i / n) * (counts.end - counts.start)
  const words = (i: number) => `${date(at(i), primary.id)} ${clock(at(i), primary.id)}`
  const set = (next: [number, number]) => {
    setRange(next)
    onPreview(at(next[0]), at(next[1]))
  }
  const reset = () => {
    setRange([0, n])
    onPreview(null, 0)
  }
  const keys = (e: React.KeyboardEvent) => {
    if (e.key === 'Enter') {
      onBrush(at(range[0]), at(range[1]))
      reset()
    } else if (e.key === 'Escape') reset()
  }
  return (
    <div
      className="absolute top-0 left-0 flex -translate-y-full gap-3 rounded-6 bg-raised px-2 py-1 text-12 text-text-2 not-focus-within:sr-only"
      onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && reset()}
    >
      <label className="flex items-center gap-1.5">
        From {words(range[0])}
        <input
          type="range"
          className="h-6 accent-accent-solid"
          aria-label="Start of the window; Enter applies"
          aria-valuetext={words(range[0])}
          min={0}
          max={n - 1}
          value={range[0]}
          onChange={(e) => set([Math.min(Number(e.target.value), range[1] - 1), range[1]])}
          onKeyDown={keys}
        />
      </label>
      <label className="flex items-center gap-1.5">
        to {words(range[1])}
        <input
          type="range"
          className="h-6 accent-accent-solid"
          aria-label="End of the window; Enter applies"
          aria-valuetext={words(range[1])}
          min={1}
          max={n}
          value={range[1]}
          onChange={(e) => set([range[0], Math.max(Number(e.target.value), range[0] + 1)])}
          onKeyDown={keys}
        />
      </label>
    </div>
  )
}
