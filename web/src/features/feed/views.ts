import { useSyncExternalStore } from 'react'
import { storedList } from '@/data/stored'
import { parseSearch, type Search, stringifySearch } from '@/url/search'

/** A view is a name and a query string; what follows the reader everywhere (env, tz) is no part of it. */
export type View = { name: string; search: Search; own: boolean }

export const BUILT_IN: View[] = [
  { name: 'All changes', search: {}, own: false },
  { name: 'By people', search: { by: 'person' }, own: false },
  { name: 'By automation', search: { by: 'auto' }, own: false },
  { name: 'Failed', search: { phase: 'failed' }, own: false },
  { name: 'Rolled back', search: { kind: 'rollback' }, own: false },
  { name: 'Alerts and incidents', search: { class: 'signal' }, own: false },
]

const APART = new Set(['env', 'tz', 'sel', 'from', 'to', 'view'])
const saved = storedList('views')

export function useViews(): View[] {
  const own = useSyncExternalStore(saved.subscribe, saved.get)
  return [...BUILT_IN, ...own.map(read).filter((view) => view !== null)]
}

function read(text: string): View | null {
  const [name, query] = text.split('\n')
  return name ? { name, search: parseSearch(query ?? ''), own: true } : null
}

export function saveView(name: string, search: Search) {
  const clean = name.replace(/\s+/g, ' ').trim()
  if (!clean) return
  const line = `${clean}\n${stringifySearch(core(search))}`
  saved.set([...saved.get().filter((text) => text.split('\n')[0] !== clean), line])
}

export function removeView(name: string) {
  saved.set(saved.get().filter((text) => text.split('\n')[0] !== name))
}

/** The part of a search that makes a view what it is. */
export function core(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([key]) => !APART.has(key)))
}

/** The search that shows a view, keeping what stands apart from it. */
export function show(view: View, search: Search): Search {
  const apart = Object.fromEntries(Object.entries(search).filter(([key]) => APART.has(key) && key !== 'sel'))
  return { ...apart, ...view.search }
}

export function sameView(a: Search, b: Search): boolean {
  const text = (s: Search) => JSON.stringify(Object.entries(core(s)).sort(([x], [y]) => (x < y ? -1 : 1)))
  return text(a) === text(b)
}
