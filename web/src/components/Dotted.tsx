import { Children, isValidElement, type ReactNode } from 'react'
import { cx } from './cx'

/** Facts with a dot between them, over as many lines as they take. The dot at the start of a line lies outside, and is cut off. */
export function Dotted({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <span className={cx('block min-w-0 overflow-x-clip', className)}>
      <span className="-ml-[17px] flex flex-wrap items-center">
        {Children.toArray(children).map((fact) => (
          <span key={isValidElement(fact) ? fact.key : String(fact)} className="inline-flex min-w-0 items-center">
            <span aria-hidden className="w-[17px] flex-none text-center text-text-3 opacity-70">
              ·
            </span>
            {fact}
          </span>
        ))}
      </span>
    </span>
  )
}
