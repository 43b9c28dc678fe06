import { useQuery } from '@tanstack/react-query'
import { Button, buttonClass } from '@/components/Button'
import { EmptyState } from '@/components/states'
import { request } from '@/data/client'
import { FeedHistogramDocument, FeedNearestDocument, type FeedFilter } from '@/gql/graphql'
import { Link } from '@/router'
import { useEventCommand } from '@/shell/commands'
import { keepShared } from '@/shell/search'
import { useKinds } from '@/shell/viewer'
import { clock, DAY, date, span } from '@/time/format'
import { useZones } from '@/time/zones'
import { relativeLength } from '@/url/search'
import { isFiltered, type FeedParams, NO_FILTER, rangeWords, windowOf } from './params'
import { iso } from './useFeed'

type Props = {
  params: FeedParams
  filter: FeedFilter
  from: string
  base?: FeedFilter
  /** What the page is about, for the words: "checkout-api"; the whole installation when it is absent. */
  about?: string
  onChange: (change: Partial<FeedParams>) => void
}

/** Nothing to show: either nothing was ever told, or the filter and the window leave nothing. Says which, and what to do. */
export function NoMatch({ params, filter, base, from, about, onChange }: Props) {
  const { primary } = useZones()
  const kinds = useKinds()
  const nearest = useQuery({
    queryKey: ['feed-nearest', filter],
    queryFn: ({ signal }) => request(FeedNearestDocument, { filter }, signal),
  })
  const filtered = isFiltered(params)
  const left = useQuery({
    queryKey: ['feed-left-out', base, from, params.to],
    queryFn: async ({ signal }) => {
      const { since, until } = windowOf({ ...params, from }, from, Date.now())
      const variables = { filter: base, since: iso(since), until: iso(until ?? Date.now()), buckets: 1 }
      return (await request(FeedHistogramDocument, variables, signal)).histogram.events
    },
    enabled: filtered,
  })
  if (nearest.isPending) return null
  const newest = nearest.data?.feed.rows[0]?.event.startedAt

  if (!newest && !filtered) return <NothingYet about={about} />

  const now = Date.now()
  const windowWords = params.to === undefined && relativeLength(from) !== null ? `in the last ${rangeWords(from)}` : 'in this window'
  const age = newest ? now - Date.parse(newest) : null
  const wider = age !== null && age > 0 ? ['-24h', '-7d', '-30d', '-90d', '-52w'].find((range) => relativeLength(range)! > age) : undefined
  return (
    <EmptyState
      title={`No ${what(params, kinds)}${about ? ` of ${about}` : ''} ${windowWords}`}
      actions={
        <>
          {wider && (
            <Button small onClick={() => onChange({ from: wider, to: undefined })}>
              Show {rangeWords(wider)}
            </Button>
          )}
          {filtered && (
            <Button small look="ghost" onClick={() => onChange(NO_FILTER)}>
              Clear filters
            </Button>
          )}
        </>
      }
    >
      {newest && age !== null
        ? `The nearest is ${age < DAY ? `${span(Math.abs(age))} ${age < 0 ? 'ahead' : 'ago'}` : `of ${date(Date.parse(newest), primary.id, now)}, ${clock(Date.parse(newest), primary.id)}`}.`
        : 'Nothing at all passes these filters.'}
      {left.data ? ` Without them this window has ${left.data.toLocaleString('en')} ${left.data === 1 ? 'event' : 'events'}.` : ''}
    </EmptyState>
  )
}

/** The filter in words: "rollbacks by people in production". */
export function what(params: FeedParams, kinds: ReadonlyMap<string, { title: string }>): string {
  const words = [
    params.phase.length ? params.phase.join(' or ') : '',
    params.kind.length ? params.kind.map((k) => (kinds.get(k)?.title ?? k).toLowerCase()).join(' or ') : 'changes',
    params.by.length ? `by ${params.by.map((b) => (b === 'person' ? 'people' : b)).join(' or ')}` : '',
    params.actor.length ? `by ${params.actor.join(' or ')}` : '',
    params.service.length ? `of ${params.service.join(' or ')}` : '',
    params.team.length ? `of ${params.team.join(' or ')}` : '',
    params.tag.length ? `tagged ${params.tag.join(' and ')}` : '',
    params.source.length ? `from ${params.source.join(' or ')}` : '',
    params.env.length ? `in ${params.env.join(' or ')}` : '',
    params.q ? `with “${params.q}”` : '',
  ]
  return words.filter(Boolean).join(' ')
}

/** The first thing a new installation shows: the command that ends the emptiness. */
export function NothingYet({ about, alone }: { about?: string; alone?: boolean }) {
  const command = useEventCommand(about ?? 'my-service')
  return (
    <EmptyState
      title={about ? `No changes of ${about} yet` : alone ? 'Nothing but Tidings itself so far' : 'No changes yet'}
      command={command}
      actions={
        !about && (
          <Link to="/start" search={keepShared} className={buttonClass('plain', true)}>
            All ways to begin
          </Link>
        )
      }
    >
      Send one from your pipeline, or from this shell. It shows here within a second.
    </EmptyState>
  )
}
