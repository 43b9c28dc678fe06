import { useSearch } from '@tanstack/react-router'
import type { Search } from '@/url/search'

/** The search parameters of this page, all of them, as flat strings. */
export function useUrl(): Search {
  return useSearch({ strict: false }) as Search
}

/** What follows the reader from page to page: the environment and the zone. */
export function keepShared(search: unknown): Search {
  const { env, tz } = search as Search
  return { ...(env && { env }), ...(tz && { tz }) }
}
