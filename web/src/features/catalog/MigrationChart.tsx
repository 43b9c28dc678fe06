import { useEffect, useRef, useState } from 'react'
import { TimeAxis } from '@/components/TimeAxis'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'
import { type Steps, stepSentence } from './migration'

const HEIGHT = 92
const AXIS = 30
/** Above the highest line, so that it is not cut; and beside the last point, for what the lines are. */
const HEAD = 6
const LABELS = 58

/** How many moved, and how many had to, since there was something to move. */
export default function MigrationChart({ steps }: { steps: Steps }) {
  const box = useRef<HTMLDivElement>(null)
  const [room, setRoom] = useState(0)
  const zone = useZones().primary.id
  const now = useNow()
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setRoom(Math.round(entry!.contentRect.width)))
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [])
  const width = Math.max(0, room - LABELS)
  const start = Date.parse(steps[0]!.at)
  const highest = Math.max(1, ...steps.map(({ all }) => all))
  const x = (t: number) => (width * (t - start)) / Math.max(1, now - start)
  const y = (n: number) => HEAD + (HEIGHT - HEAD) * (1 - n / highest)
  const line = (of: 'done' | 'all') => steps.map((step, i) => `${i ? 'H' : 'M'}${x(Date.parse(step.at))}${i ? '' : ','}${i ? 'V' : ''}${y(step[of])}`).join('') + `H${width}`
  const last = steps.at(-1)!
  // The two words do not lie on each other when nearly all moved.
  const moved = Math.max(y(last.done), y(last.all) + 13)
  return (
    <div ref={box} style={{ height: HEIGHT + AXIS }}>
      {width > 0 && (
        <svg width={room} height={HEIGHT + AXIS} className="block overflow-visible" role="img" aria-label={stepSentence(steps, zone, now)}>
          <path d={`${line('done')}V${HEIGHT}H0Z`} className="fill-text-2 opacity-15" />
          <path d={line('all')} fill="none" strokeDasharray="3 3" className="stroke-text-3" />
          <path d={line('done')} fill="none" strokeWidth={1.75} className="stroke-text" />
          <line x1={0} x2={width} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} className="stroke-border-strong" />
          <g aria-hidden className="text-11">
            <text x={width + 6} y={y(last.all) + 4} className="fill-text-3">
              {last.all.toLocaleString('en')} in all
            </text>
            <text x={width + 6} y={moved + 4} className="fill-text font-medium">
              {last.done.toLocaleString('en')} done
            </text>
          </g>
          <TimeAxis start={start} end={now} width={width} y={HEIGHT} />
        </svg>
      )}
    </div>
  )
}
