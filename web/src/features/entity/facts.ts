import type { EntityQuery } from '@/gql/graphql'

type Entity = NonNullable<EntityQuery['entity']>

/** Which key opens which kind of link. Repo is h, because g is the prefix for going. */
const KEYS: Record<string, string> = { runbook: 'r', dashboard: 'd', logs: 'l', repo: 'h', traces: 't', docs: 'w' }
const ORDER = ['runbook', 'dashboard', 'logs', 'repo', 'traces', 'docs']
const SAME: Record<string, string> = {
  repository: 'repo',
  source: 'repo',
  code: 'repo',
  doc: 'docs',
  documentation: 'docs',
  wiki: 'docs',
  log: 'logs',
  trace: 'traces',
  dashboards: 'dashboard',
  metrics: 'dashboard',
  graphs: 'dashboard',
  runbooks: 'runbook',
  playbook: 'runbook',
}

export type Opening = { type: string; label: string; url: string; key: string | null }

/** The links of an entity: those with a key first and in their usual order, each key once. */
export function openings(links: Entity['links']): Opening[] {
  const taken = new Set<string>()
  const sorted = links
    .map((link, i) => ({ ...link, i, kind: SAME[link.type.toLowerCase()] ?? link.type.toLowerCase() }))
    .sort((a, b) => rank(a.kind) - rank(b.kind) || a.i - b.i)
  return sorted.map((link) => {
    const key = KEYS[link.kind]
    const free = key !== undefined && !taken.has(key)
    if (free) taken.add(key)
    return { type: link.kind, label: link.title || capital(link.kind), url: link.url, key: free ? key : null }
  })
}

function rank(kind: string): number {
  const i = ORDER.indexOf(kind)
  return i === -1 ? ORDER.length : i
}

export function capital(text: string): string {
  return text ? text.charAt(0).toUpperCase() + text.slice(1).replaceAll(/[_-]/g, ' ') : 'Link'
}

/** "Go service", "TypeScript service", "Team": what an entity is, in two words. */
export function kindWords(entity: Pick<Entity, 'kind' | 'language' | 'languageVersion' | 'type'>): string {
  const what = entity.type && entity.kind !== 'service' ? `${capital(entity.type)} ${entity.kind}` : entity.kind
  return entity.language ? `${[languageName(entity.language), entity.languageVersion].filter(Boolean).join(' ')} ${what}` : capital(what)
}

const LANGUAGES: Record<string, string> = {
  go: 'Go',
  golang: 'Go',
  java: 'Java',
  javascript: 'JavaScript',
  typescript: 'TypeScript',
  python: 'Python',
  ruby: 'Ruby',
  rust: 'Rust',
  kotlin: 'Kotlin',
  scala: 'Scala',
  swift: 'Swift',
  elixir: 'Elixir',
  erlang: 'Erlang',
  php: 'PHP',
  csharp: 'C#',
  'c#': 'C#',
  cpp: 'C++',
  'c++': 'C++',
  dotnet: '.NET',
  nodejs: 'Node.js',
  'node.js': 'Node.js',
}

/** A language as its own people write it; one that is not known stays as it came. */
export function languageName(language: string): string {
  return LANGUAGES[language.toLowerCase()] ?? language
}

/** A claimed value as text: plain things as they are, objects as JSON. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return JSON.stringify(value)
}

/** Whether a link of a descriptor may be followed: only the web, never a script. */
export function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url)
}
