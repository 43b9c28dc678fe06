import type { CatalogChangeFragment, CatalogLineFragment, EntitySort, Health } from '@/gql/graphql'
import type { View } from './params'

/** The words of the catalog: pure, so that they can be tested one by one. */

const SPELLINGS: Record<string, string> = Object.fromEntries(
  [
    'TypeScript JavaScript CoffeeScript PHP SQL PL/SQL HTML CSS C C++ C# F# .NET VB.NET COBOL ABAP R OCaml PowerShell',
    'Objective-C Node.js Deno Bun Next.js WebAssembly GraphQL HCL YAML ECS VM SaaS AWS GCP FaaS PaaS',
  ]
    .join(' ')
    .split(' ')
    .map((name) => [name.toLowerCase(), name]),
)

/** "Go" for go, "TypeScript" for typescript: a name as its people write it. */
export function spelled(name: string): string {
  return SPELLINGS[name.toLowerCase()] ?? (/[A-Z]/.test(name) ? name : name.charAt(0).toUpperCase() + name.slice(1))
}

/** What changed last, in a few words: the kind stands beside it as an icon. */
export function changeWords(event: CatalogChangeFragment, own: string): string {
  const failed = event.phase === 'failed' ? ' failed' : event.phase === 'cancelled' ? ' cancelled' : ''
  const first = event.diff[0]
  switch (event.kind) {
    case 'deploy':
    case 'rollback':
    case 'release':
    case 'build': {
      if (!event.version) break
      const share = event.phase === 'started' && event.exposure !== null && event.exposure < 100 ? ` at ${event.exposure} %` : ''
      return event.version + share + failed
    }
    case 'flag':
    case 'experiment':
      if (first && event.diff.length <= 3) return `${first.field} ${first.new || 'removed'}${failed}`
      break
    case 'scaling': {
      const scale = event.diff.find((d) => /^\d+$/.test(d.old) && /^\d+$/.test(d.new))
      if (scale) return `${scale.old} to ${scale.new} ${/^instance/i.test(scale.field) ? 'instances' : 'pods'}${failed}`
      break
    }
    case 'config':
      if (first && event.diff.length === 1 && first.old && first.new) return `${first.field} ${first.old} to ${first.new}${failed}`
      break
    case 'merge': {
      const number = /#(\d+)/.exec(event.title)
      if (number) return `#${number[1]} merged`
      break
    }
    case 'catalog':
      if (/ joined the roll$/.test(event.title)) return 'joined the roll'
      return event.diff.length > 1 ? `${event.diff.length} fields edited` : `${first ? familyWords(first.field) : 'entry'} edited`
  }
  const title = withoutName(event.title, own)
  return failed && !title.includes(failed.trim()) ? title + failed : title
}

/** What a field is about: the rest of its name is of which of them. */
const familyWords = (field: string) => field.split('/')[0]!.replaceAll('-', ' ')

/** The title without the name of the service in front: the row says it already. */
function withoutName(title: string, own: string): string {
  for (const name of [`service:${own}`, own]) {
    if (!title.toLowerCase().startsWith(name.toLowerCase())) continue
    const rest = /^\s*[:,–—-]?\s+(\S.*)$/.exec(title.slice(name.length))
    if (rest) return rest[1]!
  }
  return title
}

export const tagWords = (tag: { key: string; value: string }) => (tag.value ? `${tag.key}:${tag.value}` : tag.key)

/** As many tags as a cell of about so many letters holds, at least one, and how many are left. */
export function tagsThatFit(tags: CatalogLineFragment['tags'], letters: number): { shown: CatalogLineFragment['tags']; more: number } {
  let room = letters
  let count = 0
  for (const tag of tags) {
    room -= tagWords(tag).length + 3
    if (count > 0 && room < 0) break
    count++
  }
  return { shown: tags.slice(0, count), more: tags.length - count }
}

/** Who is paged first, by the name people use; null when nobody is. */
export function onDuty(onCall: { name: string; person: { name: string; title: string | null } | null }[]): string | null {
  const first = onCall[0]
  return first ? first.person?.title || first.name || first.person?.name || null : null
}

export const SORT_WORDS: Record<EntitySort, string> = { name: 'By name', health: 'Unhealthy first', tier: 'By tier', owner: 'By team', last_change: 'Last change first' }
export const VIEW_WORDS: Record<View, string> = { all: 'All', today: 'Changed today', nobody: 'Nobody on call', unowned: 'Unowned' }
/** What the filter asks for, after “with”. */
export const HEALTH_WORDS: Record<Health, string> = {
  incident: 'an open incident',
  alert: 'an alert that fires',
  failed: 'a change that failed',
  rollout: 'a rollout under way',
  calm: 'nothing open',
}
