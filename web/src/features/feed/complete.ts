import { type FeedParams, LISTS, type ListKey } from './params'

/** Completion of the filter bar, and what its text means: pure, so that every case can be tested. */
export type Known = {
  env: readonly string[]
  kind: readonly { value: string; label: string }[]
  source: readonly string[]
  entities: readonly { kind: string; name: string; title?: string | null }[]
}

export type Choice =
  | { type: 'key'; key: ListKey; hint: string }
  | { type: 'value'; key: ListKey; value: string; label: string; note?: string }
  | { type: 'words'; key: 'words'; value: string; label: string; note?: string }

const HINTS: Partial<Record<ListKey, string>> = {
  team: 'who owns it',
  service: 'what it is about',
  kind: 'deploy, flag, scaling, …',
  env: 'production, staging, …',
  actor: 'who did it',
  by: 'person or auto',
  source: 'which tool told of it',
  tag: 'key or key:value',
  phase: 'started, succeeded, failed, …',
  class: 'change, signal or note',
}

const ALIASES: Record<string, ListKey> = { environment: 'env', who: 'actor', owner: 'team', is: 'phase' }

const FIXED: Partial<Record<ListKey, { value: string; label: string }[]>> = {
  by: [
    { value: 'person', label: 'People' },
    { value: 'automation', label: 'Automation' },
    { value: 'unknown', label: 'Unknown' },
  ],
  phase: ['planned', 'started', 'succeeded', 'failed', 'cancelled'].map((value) => ({ value, label: value })),
  class: [
    { value: 'change', label: 'Changes' },
    { value: 'signal', label: 'Signals' },
    { value: 'note', label: 'Notes' },
  ],
}

export function keyNamed(name: string): ListKey | null {
  const lower = name.toLowerCase()
  if ((LISTS as readonly string[]).includes(lower)) return lower as ListKey
  return ALIASES[lower] ?? null
}

/** What could follow the text: values of the key at its end, or keys and names that begin like it. */
export function choices(text: string, known: Known, params: FeedParams): Choice[] {
  const partial = text.split(/\s+/).at(-1) ?? ''
  const colon = partial.indexOf(':')
  const key = colon > 0 ? keyNamed(partial.slice(0, colon)) : null
  if (key) {
    const fragment = partial.slice(colon + 1).toLowerCase()
    return valuesOf(key, known)
      .filter((v) => !params[key].includes(v.value) && (v.value.toLowerCase().includes(fragment) || v.label.toLowerCase().includes(fragment)))
      .slice(0, 12)
      .map((v) => ({ type: 'value', key, ...v }))
  }
  const fragment = partial.toLowerCase()
  const names: Choice[] = fragment
    ? known.entities
        .filter((e) => e.kind === 'service' || e.kind === 'team')
        .map((e) => ({ type: 'value', key: e.kind as ListKey, value: e.name, label: e.title || e.name, note: e.title && e.title !== e.name ? e.name : undefined }))
    : []
  const kinds: Choice[] = fragment
    ? known.kind
        .filter((k) => k.value.startsWith(fragment) || k.label.toLowerCase().startsWith(fragment))
        .slice(0, 3)
        .map((k) => ({ type: 'value', key: 'kind', value: k.value, label: k.label }))
    : []
  const keys: Choice[] = Object.entries(HINTS)
    .filter(([name]) => name.startsWith(fragment))
    .map(([name, hint]) => ({ type: 'key', key: name as ListKey, hint }))
  const words: Choice[] = text.trim() ? [{ type: 'words', key: 'words', value: text.trim(), label: `“${text.trim()}” in titles and details` }] : []
  return [...names, ...kinds, ...keys, ...words]
}

function valuesOf(key: ListKey, known: Known): { value: string; label: string; note?: string }[] {
  switch (key) {
    case 'env':
      return known.env.map(same)
    case 'source':
      return known.source.map(same)
    case 'kind':
      return [...known.kind]
    case 'team':
    case 'service':
      return known.entities.filter((e) => e.kind === key).map((e) => ({ value: e.name, label: e.title || e.name }))
    case 'actor':
      return known.entities.filter((e) => e.kind === 'person').map((e) => ({ value: e.title || e.name, label: e.title || e.name }))
    default:
      return FIXED[key] ?? []
  }
}

const same = (value: string) => ({ value, label: value })

/**
 * The change that a text makes to the filter: every `key:value` becomes a token, and the rest is searched for. A value
 * with spaces is quoted. A choice from the list replaces the word at the end.
 */
export function applyInput(text: string, params: FeedParams, choice?: Choice): Partial<FeedParams> | null {
  const change: Partial<FeedParams> = {}
  const add = (key: ListKey, value: string) => {
    const now = change[key] ?? params[key]
    const wanted = key === 'by' && value === 'auto' ? 'automation' : value
    change[key] = now.includes(wanted) ? now : [...now, wanted]
  }
  if (choice?.type === 'words') return { q: choice.value }
  const words: string[] = []
  for (const match of text.matchAll(/([^\s":]+):(?:"([^"]*)"|(\S+))|"([^"]*)"|(\S+)/g)) {
    const key = match[1] ? keyNamed(match[1]) : null
    const value = match[2] ?? match[3]
    if (key && value) add(key, value)
    else words.push(match[4] ?? match[0])
  }
  if (choice?.type === 'value') add(choice.key, choice.value)
  if (words.length) change.q = words.join(' ')
  return Object.keys(change).length ? change : null
}
