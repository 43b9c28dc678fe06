import type { ReactElement } from 'react'
import { age, clockSeconds, day, exactSpan, offsetMinutes, offsetName, stamp } from '@/time/format'
import { useNow } from '@/time/now'
import { type Zone, useZones } from '@/time/zones'
import { Tooltip } from './Tooltip'

/** Both zones with seconds, the offset, and the exact age: what every time says on hover and focus. */
export function TimeDetails({ ms, hint }: { ms: number; hint?: string }) {
  const { primary, secondary } = useZones()
  const now = Date.now()
  const zones = primary.id === secondary.id ? [primary] : [primary, secondary]
  return (
    <span className="inline-grid grid-cols-[auto_auto_auto] gap-x-3.5 gap-y-0.5 text-text-3">
      {zones.map((zone: Zone, i) => (
        <span key={zone.id} className="contents">
          <span>{zone.label}</span>
          <b className="font-medium text-text">
            {day(ms, zone.id, now)}, {clockSeconds(ms, zone.id)}
          </b>
          <span>{zone.id === 'UTC' ? (i === zones.length - 1 ? hint : '') : offsetName(offsetMinutes(ms, zone.id))}</span>
        </span>
      ))}
      <span>{ms > now ? 'In' : 'Ago'}</span>
      <b className="font-medium text-text">{exactSpan(Math.abs(now - ms))}</b>
      <span />
    </span>
  )
}

/** Wraps the focusable element that carries a time, so that hover and focus tell all about it. */
export function TimeTip({ ms, hint, children }: { ms: number; hint?: string; children: ReactElement<object> }) {
  return <Tooltip content={() => <TimeDetails ms={ms} hint={hint} />}>{children}</Tooltip>
}

/** The reading in both zones, one under the other: "03:12" over "01:12Z"; once where they are one. */
export function BothZones({ ms, iso }: { ms: number; iso: string }) {
  const { primary, secondary } = useZones()
  return (
    <time dateTime={iso} className="block text-right">
      <span className="block font-medium max-sm:text-14 max-sm:leading-[22px]">{stamp(ms, primary.id)}</span>
      {primary.id !== secondary.id && (
        <span className="block text-[11.5px] leading-[18px] text-text-3 max-sm:text-12 max-sm:leading-4">{stamp(ms, secondary.id)}</span>
      )}
    </time>
  )
}

/** How long ago, moving by itself: "5 min". */
export function Age({ ms, className }: { ms: number; className?: string }) {
  const now = useNow()
  const { primary } = useZones()
  return <span className={className}>{age(ms, now, primary.id)}</span>
}

/** A time inside a sentence, with its tooltip: "03:12". */
export function Time({ iso }: { iso: string }) {
  const { primary } = useZones()
  const ms = Date.parse(iso)
  const now = useNow()
  const near = Math.abs(now - ms) < 86_400_000
  return (
    <TimeTip ms={ms}>
      <time dateTime={iso} tabIndex={0} className="whitespace-nowrap">
        {near ? '' : `${day(ms, primary.id, now)}, `}
        {stamp(ms, primary.id)}
      </time>
    </TimeTip>
  )
}
