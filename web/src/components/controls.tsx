import { ArrowUp, Check } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx'
import { Icon } from './Icon'

/** A real checkbox, drawn as ours. Give it a label around it. */
export function Checkbox(props: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <span className="relative grid size-[15px] flex-none place-items-center">
      <input
        type="checkbox"
        {...props}
        className="peer absolute inset-0 m-0 size-full cursor-pointer appearance-none rounded-4 border border-border-control checked:border-transparent checked:bg-accent-solid forced-colors:appearance-auto"
      />
      <Icon of={Check} size={10} stroke={3.5} className="pointer-events-none relative hidden text-on-accent peer-checked:block forced-colors:!hidden" />
    </span>
  )
}

/** A switch that takes effect at once. */
export function Switch({ on, onChange, children }: { on: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      onClick={() => onChange(!on)}
      className="flex min-h-6 flex-none items-center gap-2 text-[12.5px] text-text-2 max-sm:min-h-9 max-sm:text-14"
    >
      {children}
      <span className={cx('flex h-[15px] w-[26px] flex-none rounded-8 p-0.5 forced-color-adjust-none', on ? 'justify-end bg-accent-solid' : 'bg-border-control')}>
        <span className="size-[11px] rounded-full bg-on-accent" />
      </span>
    </button>
  )
}

/** A filter that is on or off, with the number of rows it stands for. */
export function Chip({ on, count, children, ...rest }: ComponentProps<'button'> & { on: boolean; count?: number }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      {...rest}
      className={cx(
        'inline-flex h-[26px] flex-none items-center gap-[5px] whitespace-nowrap rounded-6 border px-[9px] text-[12.5px] max-sm:h-[34px] max-sm:rounded-[17px] max-sm:px-[13px] max-sm:text-14',
        on ? 'border-transparent bg-accent-weak font-medium text-accent' : 'border-border bg-surface text-text-2 hover:bg-hover',
      )}
    >
      {children}
      {count !== undefined && <span className={cx('text-[11.5px] font-normal max-sm:text-13', !on && 'text-text-3')}>{count.toLocaleString('en')}</span>}
    </button>
  )
}

/** Says how many rows wait above, and shows them. */
export function NewPill({ count, onShow }: { count: number; onShow: () => void }) {
  if (count === 0) return null
  return (
    <button
      type="button"
      onClick={onShow}
      className="absolute top-1 left-1/2 z-20 flex h-[26px] -translate-x-1/2 items-center gap-1.5 rounded-[13px] bg-accent-solid pr-1.5 pl-2.5 text-[12.5px] font-medium text-on-accent shadow-2 hover:bg-accent-hover max-sm:h-9 max-sm:rounded-[18px] max-sm:px-[15px] max-sm:text-14"
    >
      <Icon of={ArrowUp} size={13} stroke={2} />
      {count} new
      <kbd aria-hidden className="grid h-[17px] min-w-[17px] place-items-center rounded-4 bg-on-accent-dim px-1 font-sans text-[10.5px] leading-none max-sm:hidden">
        .
      </kbd>
    </button>
  )
}

/** The line that opens a day. */
export function DayHeader({ children, note }: { children: ReactNode; note?: string | null }) {
  return (
    <div className="flex h-[30px] items-center gap-2 bg-surface px-5 text-12 font-medium text-text-2 after:h-px after:flex-1 after:bg-border max-sm:h-[34px] max-sm:px-4 max-sm:text-13">
      <span>{children}</span>
      {note && <span className="font-normal text-text-3">{note}</span>}
    </div>
  )
}
