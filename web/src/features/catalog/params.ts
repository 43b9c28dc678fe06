import type { EntityFilter, EntitySort, Health } from '@/gql/graphql'
import { joinList, type Search, splitList } from '@/url/search'
import { ALL_COLUMNS, type Column } from './columns'

/** What the URL of the catalog says; unknown keys of the URL are kept beside it. */
export type CatalogParams = {
  health: string[]
  tier: string[]
  language: string[]
  platform: string[]
  lifecycle: string[]
  team: string[]
  system: string[]
  tag: string[]
  q: string
  /** The order that was chosen; the view may have one of its own. */
  sort: EntitySort
  view: View
  /** The columns beside the name, where they were chosen. */
  cols: readonly Column[] | null
}

export type View = 'all' | 'today' | 'nobody' | 'unowned'
export const VIEWS: readonly View[] = ['all', 'today', 'nobody', 'unowned']
export const SORTS: readonly EntitySort[] = ['health', 'name', 'tier', 'owner', 'last_change']

const HEALTHS: readonly Health[] = ['incident', 'alert', 'failed', 'rollout', 'calm']

export const LISTS = ['health', 'tier', 'language', 'platform', 'lifecycle', 'team', 'system', 'tag'] as const
export type ListKey = (typeof LISTS)[number]

/** What is in trouble is seen first. Of what is searched for, the name says where to look. */
export const usualSort = (q: string | undefined): EntitySort => (q ? 'name' : 'health')

export function decode(search: Search): CatalogParams {
  const q = (search.q ?? '').trim()
  const lists = Object.fromEntries(LISTS.map((key) => [key, splitList(search[key])])) as Record<ListKey, string[]>
  return {
    ...lists,
    health: lists.health.filter((health) => HEALTHS.includes(health as Health)),
    tier: lists.tier.filter((tier) => /^[0-3]$/.test(tier)),
    q,
    sort: SORTS.find((sort) => sort === search.sort) ?? usualSort(q),
    view: VIEWS.find((view) => view === search.view) ?? 'all',
    cols: search.cols ? splitList(search.cols).filter((name): name is Column => ALL_COLUMNS.includes(name as Column)) : null,
  }
}

/** The URL with some of its parameters replaced; everything it does not name stays. */
export function encode(search: Search, change: Partial<CatalogParams>): Search {
  const next: Record<string, string | undefined> = { ...search }
  for (const key of LISTS) {
    const values = change[key]
    if (values) next[key] = joinList(values)
  }
  if (change.q !== undefined) next.q = change.q.trim() || undefined
  if (change.sort) next.sort = change.sort === usualSort(next.q) ? undefined : change.sort
  if (change.cols !== undefined) next.cols = change.cols === null ? undefined : (joinList(change.cols) ?? 'none')
  if (change.view) next.view = change.view === 'all' ? undefined : change.view
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined))
}

export function toFilter(params: CatalogParams): EntityFilter {
  const filter: EntityFilter = { kinds: ['service'] }
  if (params.q) filter.q = params.q
  if (params.health.length) filter.healths = params.health as Health[]
  if (params.tier.length) filter.tiers = params.tier.map(Number)
  if (params.language.length) filter.languages = params.language
  if (params.platform.length) filter.platforms = params.platform
  if (params.lifecycle.length) filter.lifecycles = params.lifecycle
  if (params.team.length) filter.owners = params.team
  if (params.system.length) filter.systems = params.system
  if (params.tag.length) filter.tags = params.tag
  if (params.view === 'unowned') filter.unowned = true
  return filter
}

/** What changed today is read from the newest change backwards: it has no other order. */
export function sortOf({ sort, view }: Pick<CatalogParams, 'sort' | 'view'>): EntitySort {
  return view === 'today' ? 'last_change' : sort
}

/** Whether anything but the view narrows the list. */
export function isFiltered(params: CatalogParams): boolean {
  return params.q !== '' || LISTS.some((key) => params[key].length > 0)
}

export const NO_FILTER: Partial<CatalogParams> = { ...Object.fromEntries(LISTS.map((key) => [key, []])), q: '' }

/** The team of `team:payments` goes by its bare name in the URL; anything else keeps its kind. */
export const bare = (ref: string, kind: 'team' | 'system') => (ref.startsWith(`${kind}:`) ? ref.slice(kind.length + 1) : ref)
