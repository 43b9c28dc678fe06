import type { ReactNode } from 'react'
import { cx } from './cx'

export type Tone = 'plain' | 'outline' | 'crit' | 'warn' | 'ok' | 'accent' | 'solid'

const tones: Record<Tone, string> = {
  plain: 'bg-sunken text-text-2',
  outline: 'border border-border-strong text-text-2',
  crit: 'bg-crit-weak text-crit',
  warn: 'bg-warn-weak text-warn',
  ok: 'bg-ok-weak text-ok',
  accent: 'bg-accent-weak text-accent',
  solid: 'bg-crit-solid text-on-crit',
}

export function Badge({ tone = 'plain', title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span
      title={title}
      className={cx(
        'inline-flex h-[19px] flex-none items-center gap-1 whitespace-nowrap rounded-4 px-1.5 text-[11.5px] leading-none font-medium',
        tones[tone],
      )}
    >
      {children}
    </span>
  )
}

/** A free label: a name, or a dimmed key before its value. */
export function Tag({ name, value, strong }: { name: string; value?: string; strong?: boolean }) {
  return (
    <span
      className={cx(
        'inline-flex h-5 flex-none items-center whitespace-nowrap rounded-[10px] border px-[7px] text-[11.5px] text-text-2 max-sm:h-[22px] max-sm:text-[12.5px]',
        strong ? 'border-border-control' : 'border-border',
      )}
    >
      {value ? <span className="text-text-3">{name}:</span> : name}
      {value}
    </span>
  )
}

export function Kbd({ children, bare }: { children: ReactNode; bare?: boolean }) {
  return (
    <kbd
      className={cx(
        'inline-flex h-[17px] min-w-[17px] flex-none items-center justify-center rounded-4 px-1 font-sans text-[10.5px] leading-none font-medium max-sm:hidden',
        bare ? 'text-text-3' : 'border border-border bg-surface text-text-3',
      )}
    >
      {children}
    </kbd>
  )
}
