import { clock, date, dayKey, DAY, HOUR, MINUTE, offsetMinutes, stamp, startOfDay } from '@/time/format'
import { useZones } from '@/time/zones'

/** Round times for the axis, as many as there is room for, in the reader's own zone. */
export function axisTicks(start: number, end: number, zone: string, room: number): number[] {
  const steps = [5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY]
  const step = steps.find((s) => (end - start) / s <= room) ?? steps.at(-1)!
  const ticks: number[] = []
  if (step < DAY) {
    const shift = offsetMinutes(start, zone) * MINUTE
    for (let t = Math.ceil((start + shift) / step) * step - shift; t < end; t += step) ticks.push(t)
  } else {
    // By the calendar: days of 23 and 25 hours do not move midnight.
    let t = startOfDay(start, zone)
    for (let i = 0; t < end && i < 400; i++) {
      if (t > start) ticks.push(t)
      t = startOfDay(t + step + 6 * HOUR, zone)
    }
  }
  return ticks
}

/** The axis of a chart that is `width` wide, in both zones; `y` is the line of the chart. */
export function TimeAxis({ start, end, width, y }: { start: number; end: number; width: number; y: number }) {
  const { primary, secondary } = useZones()
  const long = end - start > 2 * DAY
  return axisTicks(start, end, primary.id, Math.max(2, Math.floor(width / 84))).map((t) => {
    const x = ((t - start) / Math.max(1, end - start)) * width
    if (x < 18 || x > width - 18) return null
    const midnight = long || dayKey(t, primary.id) !== dayKey(t - MINUTE, primary.id)
    return (
      <g key={t} textAnchor="middle">
        <text x={x} y={y + 13} className="fill-text-2 text-11">
          {midnight && long ? date(t, primary.id, end) : clock(t, primary.id)}
          {!long && primary.id === 'UTC' && 'Z'}
        </text>
        {(long || primary.id !== secondary.id) && (
          <text x={x} y={y + 26} className="fill-text-3 text-[10.5px]">
            {stamp(t, secondary.id)}
          </text>
        )}
      </g>
    )
  })
}
