import { cx } from './cx'

/** How a part of a page looks among the others. */
export const partTab =
  'flex h-9 items-center border-b-2 border-transparent text-text-2 hover:text-text aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-text max-sm:h-11'

/** How a view looks among the others: a line beneath it on a desktop, a pill on a phone. */
export function viewTab(on: boolean): string {
  return cx(
    'relative flex h-full flex-none items-center gap-1.5 px-2 whitespace-nowrap -outline-offset-2 max-sm:h-[34px] max-sm:rounded-[17px] max-sm:border max-sm:px-[13px] max-sm:text-14',
    on
      ? 'font-medium text-text after:absolute after:inset-x-2 after:-bottom-px after:h-0.5 after:rounded-[1px] after:bg-accent max-sm:border-transparent max-sm:bg-accent-weak max-sm:text-accent max-sm:after:hidden'
      : 'text-text-2 hover:text-text max-sm:border-border',
  )
}
