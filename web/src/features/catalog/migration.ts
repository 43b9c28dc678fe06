/**
 * A migration is a tag with a value, such as `migration:k8s-1.33`, on all that has to move. What moved carries
 * `migrated:k8s-1.33` beside it. Both are plain tags, so that pipelines, descriptors and people can set them.
 */
export const MOVING = 'migration'
export const MOVED = 'migrated'

type Tagged = { name: string; tags: readonly { key: string; value: string }[]; owner: { name: string; title: string | null } | null }

/** What the filter follows: the value of the one migration among its tags. */
export function followed(tags: readonly string[]): string | null {
  const found = tags.filter((tag) => tag.startsWith(`${MOVING}:`))
  return found.length === 1 ? found[0]!.slice(MOVING.length + 1) || null : null
}

export type TeamProgress = { team: string; done: number; left: string[] }

/** How far a migration has come, the team with the most left first. */
export function progress(rows: readonly Tagged[], what: string): { done: number; all: number; teams: TeamProgress[] } {
  const teams = new Map<string, TeamProgress>()
  let done = 0
  for (const row of rows) {
    const team = row.owner ? row.owner.title || row.owner.name : 'Nobody'
    const own = teams.get(team) ?? { team, done: 0, left: [] }
    teams.set(team, own)
    if (row.tags.some((tag) => tag.key === MOVED && tag.value === what)) {
      own.done++
      done++
    } else own.left.push(row.name)
  }
  return { done, all: rows.length, teams: [...teams.values()].sort((a, b) => b.left.length - a.left.length || (a.team < b.team ? -1 : 1)) }
}

/** So many migrations stand among the views. */
const MOST = 3

/** The migrations under way and how far each has come, the largest first. */
export function migrations(rows: readonly Pick<Tagged, 'tags'>[]): { what: string; done: number; all: number }[] {
  const found = new Map<string, { what: string; done: number; all: number }>()
  for (const { tags } of rows) {
    for (const { key, value: what } of tags) {
      if (key !== MOVING || !what) continue
      const one = found.get(what) ?? { what, done: 0, all: 0 }
      found.set(what, one)
      one.all++
      if (tags.some((tag) => tag.key === MOVED && tag.value === what)) one.done++
    }
  }
  return [...found.values()].sort((a, b) => b.all - a.all || (a.what < b.what ? -1 : 1)).slice(0, MOST)
}

/** What is left, to be pasted into a ticket. */
export function markdown(what: string, { done, all, teams }: ReturnType<typeof progress>): string {
  const lines = [`**${what}**: ${done} of ${all} done`, '']
  for (const { team, done: own, left } of teams) {
    lines.push(`- ${team}: ${own} of ${own + left.length}${left.length ? `; left: ${left.join(', ')}` : ''}`)
  }
  return `${lines.join('\n')}\n`
}
