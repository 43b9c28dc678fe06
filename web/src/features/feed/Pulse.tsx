import { ChartColumn, Table2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { IconButton } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { useNavigate } from '@/router'
import { useUrl } from '@/shell/search'
import { isoUTC } from '@/time/format'
import { usePhone } from './FeedList'
import { Histogram } from './Histogram'
import { type FeedParams, rangeWords } from './params'
import { RangeActions } from './RangeActions'
import { type Feed, type FeedScope, useHistogram } from './useFeed'
import type { Search } from '@/url/search'
import { countRows } from './counts'

const Figures = lazy(() => import('@/components/Figures'))

type Props = { scope: FeedScope; feed: Feed; onChange: (change: Partial<FeedParams>) => void; className?: string; aside?: React.ReactNode; /** What the page is about, for the title of a copy. */ about?: string }

/** The window at a glance: how much, by whom, when. */
export function Pulse({ scope, feed, onChange, className, aside, about }: Props) {
  const phone = usePhone()
  const [buckets] = useState(() => (matchMedia('(width < 640px)').matches ? 42 : 96))
  const { data, isError } = useHistogram(scope, buckets)
  const table = useUrl().chart === 'table'
  const navigate = useNavigate()
  const toggle = () => void navigate({ to: '.', replace: true, search: ({ chart: _, ...old }: Search) => (table ? old : { ...old, chart: 'table' }) })
  const sum = (counts: readonly number[] | undefined) => counts?.reduce((a, b) => a + b, 0) ?? 0
  const people = sum(data?.people)
  const automation = sum(data?.automation)
  const n = (count: number) => count.toLocaleString('en')
  return (
    <div className={cx('flex-none border-b border-border px-5 pt-3.5 pb-1.5 max-sm:px-4 max-sm:pt-2', className)}>
      <div className="mb-2.5 flex h-5 items-baseline gap-4 max-sm:gap-2 text-[12.5px] whitespace-nowrap text-text-3 max-sm:mb-2 max-sm:text-13">
        {phone ? (
          <span className="truncate">{[scope.params.env.join(', '), rangeWords(scope.params.from ?? scope.defaultFrom)].filter(Boolean).join(', ')}</span>
        ) : (
          <>
            <span>
              <span aria-hidden className="mr-[5px] inline-block size-[9px] rounded-[2px] bg-accent opacity-85 forced-color-adjust-none" />
              People <b className="font-medium text-text">{data ? n(people) : '–'}</b>
            </span>
            <span>
              <span aria-hidden className="mr-[5px] inline-block size-[9px] rounded-[2px] bg-text-3 opacity-45 forced-color-adjust-none" />
              Automation <b className="font-medium text-text">{data ? n(automation) : '–'}</b>
            </span>
          </>
        )}
        <span className="ml-auto min-w-0 truncate">{data && <FoldCount events={data.events} feed={feed} />}</span>
        {aside}
        <IconButton label={table ? 'Show as chart' : 'Show as table'} onClick={toggle} className="self-center print:hidden max-sm:-my-2 max-sm:-mr-2.5 max-sm:size-9">
          <Icon of={table ? ChartColumn : Table2} size={14} />
        </IconButton>
        {!phone && feed.rows.length > 0 && <RangeActions feed={feed} params={scope.params} about={about} />}
      </div>
      {data && table ? (
        <Suspense fallback={<div className="h-[74px]" />}>
          <Figures caption="Changes over time, without the stretches that have none" head={['People', 'Automation', 'In all']} rows={countRows(data)} className="max-h-[30vh] min-h-[74px] bg-surface" />
        </Suspense>
      ) : data ? (
        <Histogram
          counts={data}
          // A mark that reaches the present goes on with it.
          onBrush={(from, to) => onChange({ from: isoUTC(from), to: to < Date.now() - data.bucketSeconds * 1000 ? isoUTC(to) : undefined })}
        />
      ) : (
        <div className="grid h-[74px] place-items-center text-12 text-text-3">{isError && 'The counts could not be loaded.'}</div>
      )}
    </div>
  )
}

/** Both counts, so that what folding hides is never hidden silently. Changes are known as far as the list was read. */
function FoldCount({ events, feed }: { events: number; feed: Feed }) {
  const n = (count: number) => count.toLocaleString('en')
  const changes = feed.rows.length
  // A story counts whole, its steps outside of the filter too: this can be more than the filter lets through.
  const folded = feed.rows.reduce((sum, row) => sum + row.count, 0)
  const strong = (words: string) => <b className="font-medium text-text">{words}</b>
  if (changes === 0 || folded <= changes) return strong(`${n(events)} ${events === 1 ? 'event' : 'events'}`)
  const into = strong(`${n(changes)} ${changes === 1 ? 'change' : 'changes'}`)
  return (
    <>
      {feed.hasNextPage ? 'The newest ' : ''}
      {n(folded)} events folded into {into}
    </>
  )
}
