import type { ReactNode } from 'react'
import { Badge, type Tone } from '@/components/Badge'
import type { Status } from '@/components/shapes'
import { CopyButton } from '@/components/states'
import { Button } from '@/components/Button'
import type { Outcome } from '@/gql/graphql'
import { useNow } from '@/time/now'
import { secrets, useMadeSecret } from './secret'
import { hourly, type Lately, told } from './sources'

export const glyphs: Record<string, Status> = { failing: 'warn', waiting: 'running', working: 'calm', off: 'calm' }

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd className="min-w-0 text-text-2 [overflow-wrap:anywhere]">{children}</dd>
    </>
  )
}

/** What came by the hour: a bar for each, the part that went wrong in another tone and with a gap. */
export function Hours({ lately }: { lately: Lately }) {
  const now = useNow()
  const bars = hourly(lately, now)
  const most = Math.max(1, ...bars.map((bar) => bar.all))
  const height = (n: number) => (n === 0 ? 0 : Math.max(2, Math.round((n / most) * 16)))
  return (
    <svg role="img" aria-label={told(lately)} viewBox="0 0 120 17" className="h-[17px] w-[120px] flex-none">
      <line x1="0" x2="120" y1="16.5" y2="16.5" className="stroke-border" />
      {bars.map(({ all, wrong }, i) => (
        <g key={i}>
          {all > wrong && <rect x={i * 5} width="3.5" y={16 - height(all)} height={height(all)} className="fill-text-3" />}
          {wrong > 0 && <rect x={i * 5} width="3.5" y={16 - height(wrong)} height={height(wrong)} className="fill-warn-solid" />}
        </g>
      ))}
    </svg>
  )
}

const tones: Record<Outcome, Tone> = { taken: 'plain', ignored: 'outline', failed: 'warn', refused: 'warn' }

export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  return <Badge tone={tones[outcome]}>{outcome}</Badge>
}

/** The secret that was just made: it is shown this once. */
export function MadeSecret({ source }: { source: string }) {
  const secret = useMadeSecret(source)
  if (!secret) return null
  return (
    <div role="status" className="mb-3 max-w-[760px] rounded-8 border border-border bg-sunken p-3">
      <p className="mb-1.5">
        This is the secret of <b>{source}</b>. It is filled in below, and not shown again.
      </p>
      <code className="block rounded-6 border border-border bg-surface px-2.5 py-1.5 text-12 [overflow-wrap:anywhere]">{secret}</code>
      <div className="mt-2 flex gap-2">
        <CopyButton text={secret} label="Copy the secret" />
        <Button small onClick={() => secrets.forget(source)}>
          I have kept it
        </Button>
      </div>
    </div>
  )
}

/** What was refused, in words, for assistive technology as well. */
export function Wrong({ error }: { error: Error | null }) {
  if (!error) return null
  return (
    <p role="alert" className="my-2 max-w-[76ch] text-pretty text-crit [overflow-wrap:anywhere]">
      {error.message}
    </p>
  )
}
