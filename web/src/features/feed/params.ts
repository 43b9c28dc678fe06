import type { FeedFilter } from '@/gql/graphql'
import { instant, joinList, type Search, splitList } from '@/url/search'

/** What the URL of a feed says. Every list is free of doubles; unknown keys of the URL are kept beside it. */
export type FeedParams = {
  env: string[]
  team: string[]
  service: string[]
  system: string[]
  kind: string[]
  class: string[]
  phase: string[]
  actor: string[]
  by: string[]
  source: string[]
  tag: string[]
  q: string
  from: string | undefined
  to: string | undefined
  /** Steps of dependency to include; 0 for none, null where the page decides. */
  deps: number | null
}

export const LISTS = ['env', 'team', 'service', 'system', 'kind', 'class', 'phase', 'actor', 'by', 'source', 'tag'] as const
export type ListKey = (typeof LISTS)[number]

/** `by` speaks as people do; the server has names of its own. */
const BY: Record<string, string> = { person: 'person', people: 'person', auto: 'automation', automation: 'automation', unknown: 'unknown' }

export function decode(search: Search): FeedParams {
  const lists = Object.fromEntries(LISTS.map((key) => [key, splitList(search[key])])) as Record<ListKey, string[]>
  const deps = Number.parseInt(search.deps ?? '', 10)
  return {
    ...lists,
    by: [...new Set(lists.by.map((value) => BY[value]).filter((value) => value !== undefined))],
    q: (search.q ?? '').trim(),
    from: search.from || undefined,
    to: search.to || undefined,
    deps: Number.isNaN(deps) ? null : Math.max(0, Math.min(10, deps)),
  }
}

/** The URL with some of its parameters replaced; everything it does not name stays. */
export function encode(search: Search, change: Partial<FeedParams>): Search {
  const next: Record<string, string | undefined> = { ...search }
  for (const key of LISTS) {
    const values = change[key]
    if (values) next[key] = joinList(key === 'by' ? values.map((v) => (v === 'automation' ? 'auto' : v)) : values)
  }
  if ('q' in change) next.q = change.q?.trim() || undefined
  if ('from' in change) next.from = change.from
  if ('to' in change) next.to = change.to
  if ('deps' in change) next.deps = change.deps == null ? undefined : String(change.deps)
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined))
}

/** The filter without its window: what a live event must pass. */
export function toFilter(params: FeedParams, base: FeedFilter = {}): FeedFilter {
  const filter: FeedFilter = { ...base }
  const set = (key: keyof FeedFilter, values: string[]) => {
    if (values.length) Object.assign(filter, { [key]: values })
  }
  set('environments', params.env)
  set('teams', params.team)
  set('services', params.service)
  set('systems', params.system)
  set('kinds', params.kind)
  set('classes', params.class)
  set('phases', params.phase)
  set('actors', params.actor)
  set('actorTypes', params.by)
  set('sources', params.source)
  set('tags', params.tag)
  if (params.q) filter.q = params.q
  if (params.deps) Object.assign(filter, { withDependencies: true, depth: params.deps })
  return filter
}

/** The window in milliseconds; `until` is null while it ends at the present. */
export function windowOf(params: FeedParams, defaultFrom: string, now: number): { since: number; until: number | null } {
  const since = instant(params.from, now) ?? instant(defaultFrom, now) ?? now - 86_400_000
  const until = instant(params.to, now)
  return { since, until: until !== null && until > since ? until : null }
}

/** Whether anything but the window narrows the feed. */
export function isFiltered(params: FeedParams): boolean {
  return params.q !== '' || LISTS.some((key) => params[key].length > 0)
}

export const NO_FILTER: Partial<FeedParams> = { ...Object.fromEntries(LISTS.map((key) => [key, []])), q: '' }

const RANGE_WORDS: Record<string, string> = { m: 'min', h: 'h', d: 'd', w: 'weeks' }

/** "24 h" for `-24h`. */
export function rangeWords(from: string): string {
  const match = /^-(\d+)([mhdw])$/.exec(from)
  return match ? `${match[1]} ${RANGE_WORDS[match[2]!]}` : from
}
