import type { ReactNode } from 'react'
import { Bar } from '@/components/states'

const widths = [
  ['46%', '70%'],
  ['38%', '54%'],
  ['42%', '61%'],
] as const

/** Rows to come, as tall as rows are. */
export function SkeletonRows({ count = 8 }: { count?: number }) {
  return (
    <div aria-hidden>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className="grid h-14 grid-cols-[54px_40px_minmax(0,1fr)] px-5 py-[7px] max-sm:h-[82px] max-sm:grid-cols-[46px_38px_minmax(0,1fr)] max-sm:pr-4 max-sm:pl-2">
          <div className="[&>*]:ml-auto">
            <Bar width={34} />
            <Bar width={40} />
          </div>
          <div className="relative flex justify-center before:absolute before:-inset-y-2 before:left-1/2 before:w-px before:bg-border">
            <span className="relative -mt-px size-[26px] rounded-full bg-border max-sm:size-7" />
          </div>
          <div>
            <Bar width={widths[i % 3]![0]} />
            <Bar width={widths[i % 3]![1]} />
          </div>
        </div>
      ))}
    </div>
  )
}

export function FeedEnd({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-5 py-4 text-12 text-text-3 max-sm:px-4 max-sm:text-13">{children}</div>
}
