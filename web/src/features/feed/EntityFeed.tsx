import { ListFilter } from 'lucide-react'
import { lazy, Suspense, useMemo } from 'react'
import { Chip, Switch } from '@/components/controls'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import type { EntityKind, FeedFilter } from '@/gql/graphql'
import { useKinds } from '@/shell/viewer'
import { relativeLength } from '@/url/search'
import { FeedBody } from './FeedBody'
import { useFacets } from './FeedFacets'
import { type FeedParams, rangeWords } from './params'
import { Pulse } from './Pulse'
import { useFeed } from './useFeed'
import { useFeedUrl } from './useFeedUrl'

const EventPanel = lazy(() => import('./EventPanel'))

export const ENTITY_FROM = '-7d'
const RANGES = ['-24h', '-7d', '-30d', '-90d']
const DEPTHS = [1, 2, 3, 5]

type Props = {
  /** `service:checkout-api` */
  entity: string
  /** What of the log the page shows: see `scopeOf`. */
  base: FeedFilter
  name: string
  /** Whether other entities' changes can be let in by dependency. */
  dependencies: boolean
}

/** A team and a system stand for what they own and hold, a person for what they did, anything else for itself. */
export function scopeOf(entity: { ref: string; kind: EntityKind; name: string; title: string | null }): FeedFilter {
  switch (entity.kind) {
    case 'team':
      return { teams: [entity.name] }
    case 'system':
      return { systems: [entity.name] }
    case 'person':
      // Tools call people by either.
      return { actors: [...new Set([entity.title || entity.name, entity.name])] }
    default:
      return { entities: [entity.ref] }
  }
}

/** What changed in one entity, and in what it depends on. */
export function EntityFeed({ entity, base, name, dependencies }: Props) {
  const { params: all, change, selected, select } = useFeedUrl()
  // Dependencies are part of the picture unless the reader leaves them out (`deps=0`).
  const params = useMemo<FeedParams & { deps: number }>(() => ({ ...all, deps: dependencies ? (all.deps ?? 1) : 0 }), [all, dependencies])
  const scope = useMemo(() => ({ params, base, defaultFrom: ENTITY_FROM }), [params, base])
  const feed = useFeed(scope)
  const facets = useFacets(scope).data
  const kinds = useKinds()

  const from = params.from ?? ENTITY_FROM
  const counts = [...(facets?.kinds ?? [])].sort((a, b) => b.count - a.count)
  const chips = counts.filter((kind, i) => i < 4 || params.kind.includes(kind.value))
  const rest = counts.filter((kind) => !chips.includes(kind))
  const peopleOnly = params.by.length === 1 && params.by[0] === 'person'
  const toggle = (kind: string) =>
    change({ kind: params.kind.includes(kind) ? params.kind.filter((k) => k !== kind) : [...params.kind, kind] })

  return (
    <section aria-label="Changes" className="flex min-h-0 min-w-0 flex-1 flex-col">
      <Pulse
        scope={scope}
        feed={feed}
        onChange={change}
        about={name}
        aside={
          <span role="group" aria-label="Window" className="flex text-12 max-sm:hidden">
            {[...RANGES, ...(RANGES.includes(from) ? [] : [from])].map((range) => (
              <button
                key={range}
                type="button"
                aria-pressed={range === from}
                onClick={() => change({ from: range === ENTITY_FROM ? undefined : range, to: undefined })}
                className={cx('min-h-6 rounded-[5px] px-[7px]', range === from ? 'bg-hover font-medium text-text' : 'text-text-3 hover:text-text')}
              >
                {relativeLength(range) === null ? 'Marked' : rangeWords(range)}
              </button>
            ))}
          </span>
        }
      />
      <div className="flex flex-none items-center gap-1.5 overflow-x-auto px-5 py-[9px] [scrollbar-width:none] max-sm:px-4">
        <Chip on={params.kind.length === 0} onClick={() => change({ kind: [] })}>
          <Icon of={ListFilter} size={13} />
          All kinds
        </Chip>
        {chips.map((kind) => (
          <Chip key={kind.value} on={params.kind.includes(kind.value)} count={kind.count} onClick={() => toggle(kind.value)}>
            {kinds.get(kind.value)?.title ?? kind.label}
          </Chip>
        ))}
        {rest.length > 0 && (
          <select
            aria-label="More kinds"
            value=""
            onChange={(event) => toggle(event.target.value)}
            className="h-[26px] flex-none appearance-none rounded-6 border border-border bg-surface px-[9px] text-[12.5px] text-text-2 [field-sizing:content] hover:bg-hover max-sm:h-[34px] max-sm:rounded-[17px]"
          >
            <option value="" disabled>
              {rest.length} more
            </option>
            {rest.map((kind) => (
              <option key={kind.value} value={kind.value}>
                {kinds.get(kind.value)?.title ?? kind.label} {kind.count}
              </option>
            ))}
          </select>
        )}
        <Chip on={peopleOnly} onClick={() => change({ by: peopleOnly ? [] : ['person'] })}>
          People only
        </Chip>
        {dependencies && (
          <div className="ml-auto flex flex-none items-center gap-2 pl-2">
            {params.deps > 0 && (
              <select
                aria-label="Steps of dependency"
                value={params.deps}
                onChange={(event) => change({ deps: Number(event.target.value) })}
                className="h-6 appearance-none rounded-[5px] border border-border bg-surface px-2 text-12 text-text-2 hover:bg-hover max-sm:h-9"
              >
                {[...new Set([...DEPTHS, params.deps])].sort((a, b) => a - b).map((depth) => (
                  <option key={depth} value={depth}>
                    {depth === 1 ? '1 step' : `${depth} steps`}
                  </option>
                ))}
              </select>
            )}
            <Switch on={params.deps > 0} onChange={(on) => change({ deps: on ? null : 0 })}>
              With dependencies
            </Switch>
          </div>
        )}
      </div>
      <FeedBody feed={feed} params={params} own={entity} about={name} selected={selected} onSelect={select} onChange={change} />
      {selected && (
        <Suspense fallback={null}>
          <EventPanel id={selected} onClose={() => select(null)} onOpen={select} />
        </Suspense>
      )}
    </section>
  )
}
