import { useQuery } from '@tanstack/react-query'
import { Button } from '@/components/Button'
import { EmptyState } from '@/components/states'
import { request } from '@/data/client'
import { FeedNearestDocument, type FeedFilter } from '@/gql/graphql'
import { useKinds } from '@/shell/viewer'
import { clock, DAY, date, span } from '@/time/format'
import { useZones } from '@/time/zones'
import { relativeLength } from '@/url/search'
import { isFiltered, type FeedParams, NO_FILTER, rangeWords } from './params'

type Props = {
  params: FeedParams
  filter: FeedFilter
  from: string
  /** What the page is about, for the words: "checkout-api"; the whole installation when it is absent. */
  about?: string
  onChange: (change: Partial<FeedParams>) => void
}

/** Nothing to show: either nothing was ever told, or the filter and the window leave nothing. Says which, and what to do. */
export function NoMatch({ params, filter, from, about, onChange }: Props) {
  const { primary } = useZones()
  const kinds = useKinds()
  const nearest = useQuery({
    queryKey: ['feed-nearest', filter],
    queryFn: ({ signal }) => request(FeedNearestDocument, { filter }, signal),
  })
  if (nearest.isPending) return null
  const newest = nearest.data?.feed.rows[0]?.event.startedAt
  const filtered = isFiltered(params)

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
export function NothingYet({ about }: { about?: string }) {
  const service = about ?? 'my-service'
  const command = [
    `curl -X POST ${location.origin}/api/v1/events \\`,
    '  -H "Authorization: Bearer $TIDINGS_TOKEN" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '{"subjects":["${service}"],"kind":"deploy","title":"Deployed ${service} 1.4.0","version":"1.4.0"}'`,
  ].join('\n')
  return (
    <EmptyState title={about ? `No changes of ${about} yet` : 'No changes yet'} command={command}>
      Send one from your pipeline, or from this shell. It shows here within a second.
    </EmptyState>
  )
}
