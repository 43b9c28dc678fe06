import { useEffect, useRef, useState } from 'react'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { axisTicks } from '@/components/TimeAxis'
import { Link } from '@/router'
import { kindIcon } from '@/shell/kindIcon'
import { keepShared } from '@/shell/search'
import { useKinds } from '@/shell/viewer'
import { clock, clockSeconds, HOUR, stamp } from '@/time/format'
import { useZones } from '@/time/zones'
import { type Lane, lanesWithin } from './lanes'

const LENGTHS = [HOUR, 3 * HOUR, 24 * HOUR]
const NAME = 132
const LANE = 38

type Props = {
  lanes: Lane[]
  /** When it began, and what that instant is called: "Page", "Began". */
  at: number
  mark: string
  now: number
  /** Where the window of the ranking begins: the board opens wide enough for the first three suspects, the weak ones left out. */
  earliest: number
  current: number
  onCurrent: (rank: number) => void
}

/** The services around the trouble on one axis of time: the suspects as numbered marks, the alerts as bands. */
export function Board({ lanes: all, at, mark, now, earliest, current, onCurrent }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(600)
  const [chosen, setChosen] = useState<number | null>(null)
  const { primary, secondary } = useZones()
  const kinds = useKinds()
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)))
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [])

  const length = chosen ?? LENGTHS.find((l) => at - earliest <= l * 0.9) ?? LENGTHS.at(-1)!
  const start = at - length * 0.92
  const end = Math.min(at + length * 0.08, Math.max(now, at + length * 0.04))
  const { shown: lanes, hidden } = lanesWithin(all, start, end)
  const room = Math.max(60, width - NAME - 12)
  const xOf = (t: number) => NAME + (Math.max(0, Math.min(1, (t - start) / (end - start))) * room)
  const ticks = axisTicks(start, end, primary.id, Math.max(2, Math.floor(room / 74)))
  const height = lanes.length * LANE
  const suspects = lanes.reduce((n, lane) => n + lane.marks.length, 0)
  const same = primary.id === secondary.id
  return (
    <section aria-label="Around the page" className="px-5 pt-3.5 max-sm:px-4">
      <div className="mb-2 flex items-center gap-3">
        <h2 className="text-14">Around it</h2>
        <span className="truncate text-[12.5px] text-text-3 max-sm:hidden">{lanes[0]?.name} and its neighbours</span>
        <span role="group" aria-label="Window" className="ml-auto flex text-12">
          {LENGTHS.map((l) => (
            <button
              key={l}
              type="button"
              aria-pressed={l === length}
              onClick={() => setChosen(l)}
              className={cx('rounded-[5px] px-[7px] leading-6 max-sm:leading-9', l === length ? 'bg-hover font-medium text-text' : 'text-text-3 hover:text-text')}
            >
              {l / HOUR} h
            </button>
          ))}
        </span>
      </div>
      <p className="sr-only">
        {lanes.length} services on one axis of time from {clock(start, primary.id)} to {clock(end, primary.id)}; {suspects} suspects before {clockSeconds(at, primary.id)}. The list of suspects has them all.
      </p>
      <div ref={box} className="relative" style={{ height: height + 56 }}>
        {lanes.map((lane, i) => (
          <div key={lane.name} className="absolute inset-x-0 border-b border-border" style={{ top: 22 + i * LANE, height: LANE }}>
            <div className="absolute inset-y-0 left-0 flex flex-col justify-center leading-[12px]" style={{ width: NAME - 8 }}>
              <Link to="/s/$service" params={{ service: lane.name }} search={keepShared} title={lane.name} className="-my-px line-clamp-2 flex-none py-px text-12 leading-[14px] font-medium break-words after:absolute after:inset-0 hover:underline">
                {lane.name}
              </Link>
              <span className="truncate text-[11px] text-text-3">{lane.place}</span>
            </div>
            <span aria-hidden className="absolute top-1/2 right-0 border-t border-dotted border-border" style={{ left: NAME }} />
            {lane.bands
              .filter((band) => band.to > start && band.from < end)
              .map((band) => (
                <span
                  key={band.id}
                  title={band.title}
                  className={cx('absolute top-1/2 -translate-y-1/2 rounded-[2px] forced-color-adjust-none', band.critical ? 'h-2.5 bg-crit-solid' : 'h-1 bg-warn-solid')}
                  style={{ left: xOf(band.from), width: Math.max(3, xOf(band.to) - xOf(band.from)) }}
                />
              ))}
            {lane.marks.map((m) =>
              m.at < start ? null : (
                <button
                  key={m.event.id}
                  type="button"
                  aria-label={`Suspect ${m.rank}, ${clockSeconds(m.at, primary.id)}`}
                  onClick={() => onCurrent(m.rank)}
                  className={cx(
                    'absolute top-1/2 z-10 grid size-6 -translate-x-1/2 -translate-y-1/2 place-items-center rounded-full',
                    m.rank === 1 ? 'bg-accent-solid text-on-accent' : 'border border-border-control bg-surface text-text-2',
                    m.rank === current && 'outline-2 outline-offset-2 outline-accent',
                  )}
                  style={{ left: xOf(m.at) }}
                >
                  <Icon of={kindIcon(kinds.get(m.kind)?.icon)} size={12} />
                  <span aria-hidden className="absolute -top-1.5 -right-1.5 grid h-3.5 min-w-3.5 place-items-center rounded-full bg-text px-0.5 text-[9px] leading-none font-semibold text-surface">
                    {m.rank}
                  </span>
                </button>
              ),
            )}
          </div>
        ))}
        <span aria-hidden className="absolute w-0.5 -translate-x-1/2 bg-crit-solid forced-color-adjust-none" style={{ left: xOf(at), top: 18, height: height + 4 }} />
        <span className="absolute top-0 -translate-x-full rounded-4 bg-crit-solid px-1.5 text-[11px] leading-[18px] font-medium whitespace-nowrap text-on-crit" style={{ left: xOf(at) + 2 }}>
          {mark} {clockSeconds(at, primary.id)}
        </span>
        <div aria-hidden className="absolute inset-x-0 text-11 leading-[14px] text-text-3" style={{ top: height + 26 }}>
          <span className="absolute left-0 max-w-[124px] truncate">
            {primary.label}
            {!same && <span className="block truncate">{secondary.label}</span>}
          </span>
          {ticks.map((t) => (
            <span key={t} className="absolute -translate-x-1/2 text-center" style={{ left: xOf(t) }}>
              {stamp(t, primary.id)}
              {!same && <span className="block">{stamp(t, secondary.id)}</span>}
            </span>
          ))}
        </div>
      </div>
      {hidden > 0 && <p className="mb-2 text-12 text-text-3">{hidden === 1 ? 'One more service has a suspect or an alert, earlier or further away.' : `${hidden} more services have a suspect or an alert, earlier or further away.`}</p>}
    </section>
  )
}
