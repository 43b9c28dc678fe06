import type { InfiniteData } from '@tanstack/react-query'
import type { CatalogLineFragment, CatalogQuery } from '@/gql/graphql'

export type Pages = InfiniteData<CatalogQuery, string | undefined>

export const changedAt = (row: CatalogLineFragment) => (row.lastEvent ? Date.parse(row.lastEvent.startedAt) : -Infinity)

/** The rows of all pages, each once. A row that moved between two readings counts as it was read last. */
export function join(pages: readonly CatalogQuery[]): CatalogLineFragment[] {
  const rows = new Map<string, CatalogLineFragment>()
  for (const { entities } of pages) {
    for (const row of entities.nodes) {
      const known = rows.get(row.ref)
      if (!known || changedAt(row) > changedAt(known)) rows.set(row.ref, row)
    }
  }
  return [...rows.values()]
}

/** The newest change first, those that never changed last; ties by name, as the server has them. */
export function newestFirst(rows: readonly CatalogLineFragment[]): CatalogLineFragment[] {
  return [...rows].sort((a, b) => changedAt(b) - changedAt(a) || (a.name < b.name ? -1 : 1))
}

/**
 * Puts fresh rows in the place of the old ones. With `insert` those that no page has yet come to the front: in a list by
 * last change they would otherwise be lost, because the pages still to come no longer hold them.
 */
export function patch(pages: Pages, fresh: readonly CatalogLineFragment[], insert: boolean): Pages {
  const byRef = new Map(fresh.map((row) => [row.ref, row]))
  const found = new Set<string>()
  let changed = false
  const next = pages.pages.map((page) => {
    let touched = false
    const nodes = page.entities.nodes.map((row) => {
      const now = byRef.get(row.ref)
      if (!now) return row
      found.add(row.ref)
      if (same(row, now)) return row
      touched = true
      return now
    })
    changed ||= touched
    return touched ? { entities: { ...page.entities, nodes } } : page
  })
  const added = insert ? fresh.filter((row) => !found.has(row.ref)) : []
  const head = next[0]
  if (added.length > 0 && head) {
    next[0] = { entities: { ...head.entities, nodes: [...added, ...head.entities.nodes] } }
    changed = true
  }
  return changed ? { ...pages, pages: next } : pages
}

function same(a: CatalogLineFragment, b: CatalogLineFragment): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
