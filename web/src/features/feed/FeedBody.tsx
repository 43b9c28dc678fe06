import { lazy, type ReactNode, Suspense, useCallback } from 'react'
import { Button } from '@/components/Button'
import { ErrorState, Loading } from '@/components/states'
import { clock, date } from '@/time/format'
import { useZones } from '@/time/zones'
import { relativeLength } from '@/url/search'
import { FeedList } from './FeedList'
import { SkeletonRows } from './FeedStates'
import { type FeedParams, rangeWords } from './params'
import type { Feed } from './useFeed'

// Neither is part of the first view as a rule.
const NoMatch = lazy(async () => ({ default: (await import('./NoMatch')).NoMatch }))
const NothingYet = lazy(async () => ({ default: (await import('./NoMatch')).NothingYet }))
const FailingSources = lazy(() => import('./FailingSources'))

type Props = {
  feed: Feed
  params: FeedParams
  own?: string
  about?: string
  selected: string | null
  onSelect: (id: string | null) => void
  onChange: (change: Partial<FeedParams>) => void
}

/** The rows, or what stands in their place: loading, broken, nothing yet, nothing that matches. */
export function FeedBody(props: Props) {
  return (
    <>
      <Suspense fallback={null}>
        <FailingSources />
      </Suspense>
      <Suspense fallback={null}>
        <Rows {...props} />
      </Suspense>
    </>
  )
}

function Rows({ feed, params, own, about, selected, onSelect, onChange }: Props): ReactNode {
  const open = useCallback((id: string) => onSelect(id), [onSelect])
  const close = useCallback(() => onSelect(null), [onSelect])
  if (feed.isPending) {
    return (
      <Loading what="changes">
        <SkeletonRows />
      </Loading>
    )
  }
  if (feed.isError && feed.rows.length === 0) {
    return <ErrorState title="The changes could not be loaded" error={feed.error} onRetry={() => void feed.refetch()} />
  }
  if (feed.rows.length === 0) {
    return <NoMatch params={params} filter={feed.filter} base={feed.base} from={feed.from} about={about} onChange={onChange} />
  }
  return (
    <FeedList
      feed={feed}
      own={own}
      selected={selected}
      onOpen={open}
      onClosePanel={close}
      end={!own && onlyTidings(feed) ? <NothingYet alone /> : <End feed={feed} params={params} onChange={onChange} />}
    />
  )
}

/** A new installation tells of itself alone: that is no reason to leave out how to begin. */
function onlyTidings({ rows, hasNextPage }: Feed): boolean {
  return !hasNextPage && rows.every((row) => row.subjects.every((subject) => subject.ref === 'service:tidings'))
}

/** Under the last row: why the list ends here, and how to see more. */
function End({ feed, params, onChange }: Pick<Props, 'feed' | 'params' | 'onChange'>) {
  const { primary } = useZones()
  if (feed.searchedUntil) {
    const at = Date.parse(feed.searchedUntil)
    return <>Searched back to {`${date(at, primary.id)} ${clock(at, primary.id)}`}. Narrow the filter to look further.</>
  }
  const length = relativeLength(feed.from)
  if (length === null) return <>The start of the window.</>
  const wider = ['-24h', '-7d', '-30d', '-90d', '-52w'].find((range) => relativeLength(range)! > length)
  return (
    <>
      That is all of the last {rangeWords(feed.from)}.
      {wider && (
        <Button small onClick={() => onChange({ from: wider, to: params.to })}>
          Show {rangeWords(wider)}
        </Button>
      )}
    </>
  )
}
