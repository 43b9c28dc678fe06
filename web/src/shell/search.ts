import { useSearch } from '@/router'
import type { Search } from '@/url/search'

/** The search parameters of this page, all of them, as flat strings. */
export function useUrl(): Search {
  return useSearch()
}

/** What follows the reader from page to page: the environment and the zone. */
export function keepShared({ env, tz }: Search): Search {
  return { ...(env && { env }), ...(tz && { tz }) }
}
