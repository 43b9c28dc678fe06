import type { SourcesQuery } from '@/gql/graphql'

export type Source = SourcesQuery['sources'][number]

const order: Record<string, number> = { failing: 0, waiting: 1, working: 2 }

/** Those that need somebody first, then by name; narrowed to what was typed. */
export function arrange(sources: readonly Source[], q: string): Source[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const text = (s: Source) => [s.name, s.type, s.state, s.detail, s.observed?.cluster, s.observed?.agent, s.observed?.looksAt].join(' ').toLowerCase()
  return sources
    .filter((source) => words.every((word) => text(source).includes(word)))
    .sort((a, b) => (order[a.state] ?? 2) - (order[b.state] ?? 2) || a.name.localeCompare(b.name))
}

/** "3 failing, 41 working" */
export function summary(sources: readonly Source[]): string {
  return Object.keys(order)
    .map((state) => [state, sources.filter((source) => source.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')
}
