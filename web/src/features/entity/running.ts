import type { EntityQuery } from '@/gql/graphql'
import type { Status } from '@/components/shapes'

export type Run = NonNullable<EntityQuery['entity']>['running'][number]

/** How one that runs is doing, by shape and in words; no words where all is well. */
export function stateOf(run: Run): { status: Status; words: string } {
  const count = run.asked === null || run.asked === undefined ? '' : `${run.updated} of ${run.asked} updated`
  const canary = run.exposure !== null && run.exposure !== undefined && run.exposure < 100 ? `canary at ${run.exposure} %` : ''
  const words = (...parts: string[]) => parts.filter(Boolean).join(', ')
  switch (run.phase) {
    case 'failed':
      return { status: 'warn', words: 'failed' }
    case 'aborted':
      return { status: 'warn', words: 'aborted' }
    case 'stalled':
      return { status: 'warn', words: words('rollout is stuck', count) }
    case 'progressing':
      return { status: run.troubles.length ? 'warn' : 'running', words: words('rolling out', canary || count) }
    case 'paused':
      return { status: run.troubles.length ? 'warn' : 'running', words: words('paused', canary) }
  }
  if (run.stopped) return { status: run.troubles.length ? 'warn' : 'calm', words: run.schedule ? 'suspended' : 'stopped' }
  if (run.troubles.length) return { status: 'warn', words: '' }
  if (run.asked && run.ready < run.asked) return { status: 'warn', words: `${run.asked - run.ready} not ready` }
  return { status: 'calm', words: canary }
}

const weight: Record<Status, number> = { crit: 0, warn: 1, running: 2, calm: 3 }

export type Place = { environment: string; runs: Run[] }

/** Where users are: before every other environment that is as well as it. */
const users = /^prod/i

/** What runs, by environment; what is in trouble comes first, then what is being changed, then production. */
export function places(running: readonly Run[]): Place[] {
  const all = new Map<string, Run[]>()
  for (const run of running) all.set(run.environment, [...(all.get(run.environment) ?? []), run])
  const worst = (runs: Run[]) => Math.min(...runs.map((run) => weight[stateOf(run).status]))
  return [...all]
    .map(([environment, runs]) => ({
      environment,
      runs: runs.sort((a, b) => weight[stateOf(a).status] - weight[stateOf(b).status] || a.cluster.localeCompare(b.cluster) || a.name.localeCompare(b.name)),
    }))
    .sort((a, b) => worst(a.runs) - worst(b.runs) || Number(users.test(b.environment)) - Number(users.test(a.environment)) || a.environment.localeCompare(b.environment))
}

/** "crash_loop" as a person says it; what is a sentence already stays. */
export function troubleWords(trouble: string): string {
  return trouble.replaceAll('_', ' ')
}

/** What share of the seen changes was told: null where none was seen. */
export function coverageWords(coverage: { seen: number; told: number; partial: boolean }): string | null {
  if (coverage.seen === 0) return null
  if (coverage.seen === 1 && coverage.told === 0) return 'the one change was not told'
  const seen = `${coverage.seen.toLocaleString('en')}${coverage.partial ? '+' : ''}`
  if (coverage.told === coverage.seen && !coverage.partial) return coverage.seen === 1 ? 'the one change was told' : `all ${seen} changes were told`
  return `${coverage.told.toLocaleString('en')} of ${seen} changes were told`
}
