import type { LucideIcon } from 'lucide-react'
import { useId, useState } from 'react'
import { cx } from './cx'
import { Checkbox } from './controls'
import { Icon } from './Icon'

export type FacetOption = { value: string; label: string; count: number; icon?: LucideIcon; mono?: boolean }

type Props = {
  title: string
  options: FacetOption[]
  /** What is chosen; empty means no filter. */
  selected: readonly string[]
  onChange: (selected: string[]) => void
  /** All boxes are ticked while nothing is filtered, and unticking one leaves the rest. */
  exclusive?: boolean
  /** How many options to show before "more". */
  limit?: number
}

/** One group of filters with the number of rows behind each. Counts include everything the other groups let through. */
export function Facets({ title, options, selected, onChange, exclusive, limit = 10 }: Props) {
  const heading = useId()
  const [open, setOpen] = useState(false)
  if (options.length === 0) return null

  const chosen = new Set(selected)
  const all = exclusive && chosen.size === 0
  const shown = open ? options : options.filter((option, i) => i < limit || chosen.has(option.value))

  const toggle = (value: string) => {
    const next = all ? new Set(options.map((o) => o.value)) : new Set(chosen)
    if (!next.delete(value)) next.add(value)
    const everything = exclusive && options.every((o) => next.has(o.value))
    onChange(everything ? [] : [...next])
  }

  return (
    <section aria-labelledby={heading} className="pt-2 pb-1.5 not-first:border-t not-first:border-border">
      <h2 id={heading} className="mb-[3px] flex text-12 font-medium text-text-3">
        {title}
        {chosen.size > 0 && (
          <button type="button" className="-my-1 ml-auto link min-h-6 px-1 font-normal" onClick={() => onChange([])}>
            Clear<span className="sr-only"> {title}</span>
          </button>
        )}
      </h2>
      <ul>
        {shown.map((option) => {
          const on = all || chosen.has(option.value)
          return (
            <li key={option.value} className="group relative">
              <label className="flex h-[25px] cursor-pointer items-center gap-2 max-xl:h-9">
                <Checkbox checked={on} onChange={() => toggle(option.value)} />
                {option.icon && <Icon of={option.icon} className="text-text-3" />}
                <span className={cx('flex-1 truncate', on ? 'text-text' : 'text-text-2', option.mono && 'font-mono text-12')} title={option.label}>
                  {option.label}
                </span>
                <span className="text-12 text-text-3">{option.count.toLocaleString('en')}</span>
              </label>
              {exclusive && options.length > 1 && (
                <button
                  type="button"
                  onClick={() => onChange([option.value])}
                  className="absolute top-0 right-0 h-[25px] bg-surface pl-2 link opacity-0 group-hover:opacity-100 focus-visible:opacity-100 max-xl:hidden"
                >
                  only<span className="sr-only"> {option.label}</span>
                </button>
              )}
            </li>
          )
        })}
      </ul>
      {options.length > shown.length && (
        <button type="button" className="link min-h-6 text-12" onClick={() => setOpen(true)}>
          {options.length - shown.length} more
        </button>
      )}
    </section>
  )
}
