import type { ComponentProps } from 'react'
import { cx } from './cx'

type Look = 'plain' | 'primary' | 'ghost'

const looks: Record<Look, string> = {
  plain: 'border-border-strong bg-surface shadow-1 hover:bg-hover',
  primary: 'border-transparent bg-accent-solid text-on-accent hover:bg-accent-hover',
  ghost: 'border-transparent text-text-2 hover:bg-hover',
}

/** The classes of a button, for a link that looks like one. */
export function buttonClass(look: Look = 'plain', small = false): string {
  return cx(
    'inline-flex flex-none items-center gap-1.5 whitespace-nowrap border font-medium max-sm:min-h-9 max-sm:rounded-8 max-sm:px-3 max-sm:text-14',
    small ? 'h-6 rounded-[5px] px-2 text-12' : 'h-7 rounded-6 px-2.5 text-[12.5px]',
    looks[look],
  )
}

export function Button({ look, small, className, ...rest }: ComponentProps<'button'> & { look?: Look; small?: boolean }) {
  return <button type="button" {...rest} className={cx(buttonClass(look, small), className)} />
}

/** A button that shows only an icon; `label` is its name. */
export function IconButton({ label, className, ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={cx(
        'grid size-6 flex-none place-items-center rounded-6 text-text-3 hover:bg-hover hover:text-text max-sm:size-11',
        className,
      )}
    />
  )
}
