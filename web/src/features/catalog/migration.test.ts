import { expect, it } from 'vitest'
import { followed, markdown, migrations, stepSentence } from './migration'

const row = (...tags: string[]) => ({
  tags: tags.map((tag) => ({ key: tag.split(':')[0]!, value: tag.split(':')[1] ?? '' })),
})

it('follows one migration', () => {
  expect(followed(['pci', 'migration:k8s-1.33'])).toBe('k8s-1.33')
  expect(followed(['migration:a', 'migration:b'])).toBeNull()
  expect(followed(['migration', 'pci'])).toBeNull()
})

it('finds the migrations under way, the largest first', () => {
  const rows = [row('migration:go-2', 'migration:k8s'), row('migration:k8s', 'migrated:k8s'), row('migration', 'migrated:old')]
  expect(migrations(rows)).toEqual([
    { what: 'k8s', done: 1, all: 2 },
    { what: 'go-2', done: 0, all: 1 },
  ])
})

const team = (title: string | null, done: number, all: number, ...left: string[]) => ({ owner: title ? { ref: `team:${title}`, name: title, title } : null, done, all, left })

it('is written for a ticket, what nobody owns too', () => {
  const steps = [{ at: '2026-05-01T10:00:00Z', done: 0, all: 4 }]
  expect(markdown('k8s-1.33', { done: 1, all: 4, steps, teams: [team('Payments', 0, 2, 'b', 'c'), team(null, 0, 1, 'd'), team('Risk', 1, 1)] })).toBe(
    '**k8s-1.33**: 1 of 4 done\n\n- Payments: 0 of 2; left: b, c\n- Nobody: 0 of 1; left: d\n- Risk: 1 of 1\n',
  )
})

it('says in a sentence what the chart shows', () => {
  const now = Date.parse('2026-06-11T01:03:00Z')
  const begun = { at: '2026-05-01T10:00:00Z', done: 0, all: 4 }
  expect(stepSentence([begun], 'UTC', now)).toBe('0 of 4 done since 1 May.')
  const steps = [begun, { at: '2026-05-09T10:00:00Z', done: 2, all: 4 }, { at: '2026-06-01T10:00:00Z', done: 2, all: 5 }]
  expect(stepSentence(steps, 'UTC', now)).toBe('2 of 5 done since 1 May; the last on 9 May.')
})
