import { useSyncExternalStore } from 'react'
import { storedList } from '@/data/stored'
import { parseSearch, type Search, stringifySearch } from '@/url/search'

/** The catalog as this reader left it, by name: what narrows and orders it, and not where and when one reads. */
const saved = storedList('catalog-views')
const APART = new Set(['env', 'tz'])

const core = (search: Search) => stringifySearch(Object.fromEntries(Object.entries(search).filter(([key]) => !APART.has(key))))

export function useOwnViews(): { name: string; query: string }[] {
  return useSyncExternalStore(saved.subscribe, saved.get).flatMap((text) => {
    const [name, query] = text.split('\n')
    return name ? [{ name, query: query ?? '' }] : []
  })
}

export function saveOwnView(name: string, search: Search) {
  const clean = name.replace(/\s+/g, ' ').trim()
  if (clean) saved.set([...saved.get().filter((text) => text.split('\n')[0] !== clean), `${clean}\n${core(search)}`])
}

export const removeOwnView = (name: string) => saved.set(saved.get().filter((text) => text.split('\n')[0] !== name))
export const isOwnView = (query: string, search: Search) => query === core(search)
export const searchOf = (query: string, search: Search): Search => ({
  ...Object.fromEntries(Object.entries(search).filter(([key]) => APART.has(key))),
  ...parseSearch(query),
})
