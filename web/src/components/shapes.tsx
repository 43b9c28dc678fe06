import { ArrowRight, OctagonAlert, TriangleAlert } from 'lucide-react'
import { cx } from './cx'
import { Icon } from './Icon'

/** Old and new value: old muted, new strong. */
export function FromTo({ from, to, className }: { from?: string; to: string; className?: string }) {
  return (
    <span title={from ? `${from} to ${to}` : to} className={cx('inline-flex min-w-0 items-center font-mono text-[12.5px] font-medium tracking-[-0.02em] max-sm:text-14', className)}>
      {from && (
        <>
          <span className="truncate text-text-3">{from}</span>
          <Icon of={ArrowRight} size={12} stroke={2} className="mx-1 text-text-3" />
          <span className="sr-only">to</span>
        </>
      )}
      <span className="truncate">{to}</span>
    </span>
  )
}

/** A share that moved, as a bar of 100 per cent. */
export function Meter({ from, to }: { from: number; to: number }) {
  const low = clamp(Math.min(from, to))
  const high = clamp(Math.max(from, to))
  return (
    <span
      role="img"
      aria-label={`${from} % to ${to} %`}
      className="relative inline-block h-1.5 w-[72px] flex-none overflow-hidden rounded-[3px] bg-border forced-color-adjust-none"
    >
      <span className="absolute inset-y-0 left-0 bg-text-3 opacity-60" style={{ width: `${low}%` }} />
      <span className="absolute inset-y-0 bg-text-2" style={{ left: `${low}%`, width: `${high - low}%` }} />
    </span>
  )
}

const clamp = (n: number) => Math.max(0, Math.min(100, n))

/** A count that moved: one mark each up to twenty, above that the number alone says it. */
export function Pods({ from, to }: { from: number; to: number }) {
  const all = Math.max(from, to)
  if (all > 20 || all < 1) return null
  return (
    <span role="img" aria-label={`${from} to ${to}`} className="inline-flex flex-none items-center gap-[2.5px] forced-color-adjust-none">
      {Array.from({ length: all }, (_, i) => (
        <span
          key={i}
          className={cx('h-[11px] w-[7px] rounded-[2px]', i < to ? 'bg-text-2' : 'border border-border-control opacity-55')}
        />
      ))}
    </span>
  )
}

/** One changed setting: its name, the old value struck through, the new one. */
export function Changed({ field, old, now }: { field: string; old: string; now: string }) {
  return (
    <span className="inline-flex max-w-[360px] min-w-0 overflow-hidden rounded-[5px] border border-border font-mono text-12 leading-5 tracking-[-0.02em] *:truncate *:px-[7px]">
      <span className="bg-sunken text-text-2">{field}</span>
      {old && <del className="text-text-3">{old}</del>}
      {now && <ins className="font-medium no-underline">{now}</ins>}
    </span>
  )
}

export type Status = 'calm' | 'warn' | 'crit' | 'running'

/** State by shape first: octagon, triangle, thick ring, thin grey ring. Calm is never green. */
export function StatusGlyph({ status, label }: { status: Status; label?: string }) {
  const name = label && <span className="sr-only">{label}</span>
  if (status === 'crit' || status === 'warn') {
    return (
      <span title={label} className={cx('grid w-3.5 flex-none place-items-center', status === 'crit' ? 'text-crit' : 'text-warn')}>
        <Icon of={status === 'crit' ? OctagonAlert : TriangleAlert} size={12} stroke={2.25} />
        {name}
      </span>
    )
  }
  return (
    <span title={label} className="grid w-3.5 flex-none place-items-center">
      <span
        className={cx(
          'rounded-full',
          status === 'running' ? 'size-[9px] border-2 border-accent' : 'size-1.5 border-[1.5px] border-text-3 opacity-75',
        )}
      />
      {name}
    </span>
  )
}

/** The dot between facts of one line. */
export function Sep() {
  return (
    <span aria-hidden className="mx-px text-text-3 opacity-70">
      ·
    </span>
  )
}

type Condition = { health: 'incident' | 'alert' | 'failed' | 'rollout' | 'calm'; title: string }

const STATUS: Record<Condition['health'], Status> = { incident: 'crit', alert: 'warn', failed: 'warn', rollout: 'running', calm: 'calm' }
const LEAD: Record<Condition['health'], string> = { incident: 'Incident', alert: 'Alert', failed: 'Failed', rollout: 'Under way', calm: '' }

/** How an entity is, as a glyph and in words; of what is calm, or was so long ago that nobody asks, there are none. */
export function stateOf(condition: Condition | null): { status: Status; words?: string } {
  if (!condition || condition.health === 'calm') return { status: 'calm' }
  return { status: STATUS[condition.health], words: `${LEAD[condition.health]}: ${condition.title}` }
}

const WORST: readonly Status[] = ['crit', 'warn', 'running', 'calm']

/** The worst first. */
export const byStatus = (a: Status, b: Status) => WORST.indexOf(a) - WORST.indexOf(b)
