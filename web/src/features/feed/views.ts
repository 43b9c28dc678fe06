import type { Search } from '@/url/search'

/** A view is a name and a search; what follows the reader everywhere is no part of it. */
export type View = { name: string; search: Search }

export const BUILT_IN: View[] = [
  { name: 'All changes', search: {} },
  { name: 'By people', search: { by: 'person' } },
  { name: 'By automation', search: { by: 'auto' } },
  { name: 'Failed', search: { phase: 'failed' } },
  { name: 'Rolled back', search: { kind: 'rollback' } },
  { name: 'Alerts and incidents', search: { class: 'signal' } },
]
