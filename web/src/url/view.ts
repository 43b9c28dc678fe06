import { type Search, stringifySearch } from './search'

/** Where and when one reads is no part of a view, and neither is what stands open beside it, or whether a chart is a table. */
const APART = new Set(['env', 'tz', 'sel', 'from', 'to', 'dialog', 'chart', 'progress'])

/** The part of a search that makes a view what it is. */
export function core(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([key]) => !APART.has(key)))
}

/** The search that shows a view, keeping what stands apart from it; nothing stays open. */
export function show(view: Search, search: Search): Search {
  const kept = Object.entries(search).filter(([key]) => APART.has(key) && key !== 'sel' && key !== 'dialog')
  return { ...Object.fromEntries(kept), ...core(view) }
}

export function sameView(a: Search, b: Search): boolean {
  const text = (search: Search) => JSON.stringify(Object.entries(core(search)).sort(([x], [y]) => (x < y ? -1 : 1)))
  return text(a) === text(b)
}

/** The query string of a view, without the question mark. */
export const queryOf = (search: Search) => stringifySearch(core(search)).slice(1)
