import { type FacetOption, Facets } from '@/components/Facets'
import type { FacetCountFragment } from '@/gql/graphql'
import { bare, type CatalogParams, type ListKey } from './params'
import type { Change } from './useCatalogUrl'
import { spelled } from './wording'

type Props = { counts: ReadonlyMap<string, readonly FacetCountFragment[]> | undefined; params: CatalogParams; onChange: Change }

const GROUPS: { key: ListKey; facet: string; title: string; limit: number; spell?: boolean; kind?: 'team' | 'system' }[] = [
  { key: 'health', facet: 'health', title: 'Health', limit: 5 },
  { key: 'tier', facet: 'tier', title: 'Tier', limit: 4 },
  { key: 'language', facet: 'language', title: 'Language', limit: 6, spell: true },
  { key: 'team', facet: 'owner', title: 'Team', limit: 5, kind: 'team' },
  { key: 'tag', facet: 'tag', title: 'Tag', limit: 5 },
  { key: 'system', facet: 'system', title: 'System', limit: 5, kind: 'system' },
  { key: 'platform', facet: 'platform', title: 'Platform', limit: 5, spell: true },
  { key: 'lifecycle', facet: 'lifecycle', title: 'Lifecycle', limit: 5, spell: true },
]

/** What the roll holds, by the facts that people look for. */
export function CatalogFacets({ counts, params, onChange }: Props) {
  if (!counts) return null
  return GROUPS.map(({ key, facet, title, limit, spell, kind }) => {
    const values = (counts.get(facet) ?? []).map(({ value, label, count }) => ({
      value: kind ? bare(value, kind) : value,
      label: spell ? spelled(label) : label,
      count,
    }))
    const options = withChosen(values, params[key], spell)
    return <Facets key={key} title={title} limit={limit} options={options} selected={canonical(params[key], options)} onChange={(chosen) => onChange({ [key]: chosen })} />
  })
}

/** A value of the URL is the value of the roll, however it is spelled. */
function canonical(chosen: readonly string[], options: readonly FacetOption[]): string[] {
  return chosen.map((value) => options.find((o) => o.value.toLowerCase() === value.toLowerCase())?.value ?? value)
}

/** What is chosen stays in the list, also when nothing has it. */
function withChosen(options: FacetOption[], chosen: readonly string[], spell?: boolean): FacetOption[] {
  const missing = chosen.filter((value) => !options.some((o) => o.value.toLowerCase() === value.toLowerCase()))
  return [...options, ...missing.map((value) => ({ value, label: spell ? spelled(value) : value, count: 0 }))]
}
