import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type FacetOption, Facets } from '@/components/Facets'
import { request } from '@/data/client'
import { FeedFacetsDocument, type FacetCountFragment, type FeedFilter } from '@/gql/graphql'
import { useKinds } from '@/shell/viewer'
import { kindIcon } from './kinds'
import { type FeedParams, toFilter, windowOf } from './params'
import { type FeedScope, iso } from './useFeed'

export function useFacets({ params, base, defaultFrom }: FeedScope) {
  const filter = useMemo(() => toFilter(params, base), [params, base])
  const from = params.from ?? defaultFrom
  return useQuery({
    queryKey: ['feed-counts', 'facets', filter, from, params.to ?? null],
    queryFn: async ({ signal }) => {
      const now = Date.now()
      const { since, until } = windowOf({ ...params, from }, defaultFrom, now)
      const without = (key: keyof FeedFilter): FeedFilter => ({ ...filter, [key]: base?.[key] })
      const data = await request(
        FeedFacetsDocument,
        {
          all: filter,
          noKinds: without('kinds'),
          noWho: without('actorTypes'),
          noTeams: without('teams'),
          noEnvironments: without('environments'),
          noSources: without('sources'),
          withKinds: params.kind.length > 0,
          withWho: params.by.length > 0,
          withTeams: params.team.length > 0,
          withEnvironments: params.env.length > 0,
          withSources: params.source.length > 0,
          since: iso(since),
          until: iso(until ?? now),
        },
        signal,
      )
      return {
        kinds: data.kinds?.kinds ?? data.all.kinds,
        actorTypes: data.who?.actorTypes ?? data.all.actorTypes,
        teams: data.teams?.teams ?? data.all.teams,
        environments: data.environments?.environments ?? data.all.environments,
        sources: data.sources?.sources ?? data.all.sources,
      }
    },
    placeholderData: keepPreviousData,
    refetchInterval: params.to ? false : 30_000,
  })
}

export type FacetCounts = NonNullable<ReturnType<typeof useFacets>['data']>

type Props = { counts: FacetCounts | undefined; params: FeedParams; onChange: (change: Partial<FeedParams>) => void }

const WHO: Record<string, string> = { person: 'People', automation: 'Automation', unknown: 'Unknown' }

/** What is in the window, by kind, by whom, by team, by environment and by source. */
export function FeedFacets({ counts, params, onChange }: Props) {
  const kinds = useKinds()
  if (!counts) return null
  const kindOptions = withChosen(counts.kinds, params.kind).map((o) => ({
    ...o,
    label: kinds.get(o.value)?.title ?? o.label,
    icon: kindIcon(kinds.get(o.value)?.icon),
  }))
  // As the server's table has them, so that a kind keeps its place when counts change.
  const order = [...kinds.keys()]
  kindOptions.sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value))
  return (
    <>
      <Facets title="Kind" exclusive options={kindOptions} limit={12} selected={params.kind} onChange={(kind) => onChange({ kind })} />
      <Facets
        title="Who"
        exclusive
        options={withChosen(counts.actorTypes, params.by).map((o) => ({ ...o, label: WHO[o.value] ?? o.label }))}
        selected={params.by}
        onChange={(by) => onChange({ by })}
      />
      <Facets title="Team" limit={5} options={withChosen(counts.teams, params.team)} selected={params.team} onChange={(team) => onChange({ team })} />
      <Facets title="Environment" limit={5} options={withChosen(counts.environments, params.env)} selected={params.env} onChange={(env) => onChange({ env })} />
      <Facets title="Source" limit={5} options={withChosen(counts.sources, params.source)} selected={params.source} onChange={(source) => onChange({ source })} />
    </>
  )
}

/** What is chosen stays in the list, also when nothing in the window has it. */
function withChosen(values: readonly FacetCountFragment[], chosen: readonly string[]): FacetOption[] {
  const named = values.filter((v) => v.value !== '').map(({ value, label, count }) => ({ value, label: label || value, count }))
  const missing = chosen.filter((value) => !named.some((v) => v.value === value))
  return [...named, ...missing.map((value) => ({ value, label: value, count: 0 }))]
}
