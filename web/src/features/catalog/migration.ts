import type { MigrationQuery } from '@/gql/graphql'
import { date } from '@/time/format'

/**
 * A migration is a tag with a value, such as `migration:k8s-1.33`, on all that has to move. What moved carries
 * `migrated:k8s-1.33` beside it. Both are plain tags, so that pipelines, descriptors and people can set them.
 */
export const MOVING = 'migration'
export const MOVED = 'migrated'

type Tagged = { tags: readonly { key: string; value: string }[] }

/** What the filter follows: the value of the one migration among its tags. */
export function followed(tags: readonly string[]): string | null {
  const found = tags.filter((tag) => tag.startsWith(`${MOVING}:`))
  return found.length === 1 ? found[0]!.slice(MOVING.length + 1) || null : null
}

export type Progress = MigrationQuery['migration']
export type Steps = Progress['steps']

export const teamName = ({ owner }: Progress['teams'][number]) => (owner ? owner.title || owner.name : 'Nobody')

/** What the chart shows, as one sentence. */
export function stepSentence(steps: Steps, zone: string, now: number): string {
  const last = steps.at(-1)!
  const since = (at: string) => date(Date.parse(at), zone, now)
  const moved = steps.findLast((step, i) => step.done > (steps[i - 1]?.done ?? 0))
  return `${last.done} of ${last.all} done since ${since(steps[0]!.at)}${moved ? `; the last on ${since(moved.at)}` : ''}.`
}

/** So many migrations stand among the views. */
const MOST = 3

/** The migrations under way and how far each has come, the largest first. */
export function migrations(rows: readonly Tagged[]): { what: string; done: number; all: number }[] {
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
export function markdown(what: string, { done, all, teams }: Progress): string {
  const lines = [`**${what}**: ${done} of ${all} done`, '']
  for (const team of teams) {
    lines.push(`- ${teamName(team)}: ${team.done} of ${team.all}${team.left.length ? `; left: ${team.left.join(', ')}` : ''}`)
  }
  return `${lines.join('\n')}\n`
}
