import { expect, it } from 'vitest'
import { followed, markdown, migrations, progress } from './migration'

const row = (name: string, team: string | null, ...tags: string[]) => ({
  name,
  owner: team ? { name: team.toLowerCase(), title: team } : null,
  tags: tags.map((tag) => ({ key: tag.split(':')[0]!, value: tag.split(':')[1] ?? '' })),
})

it('follows one migration', () => {
  expect(followed(['pci', 'migration:k8s-1.33'])).toBe('k8s-1.33')
  expect(followed(['migration:a', 'migration:b'])).toBeNull()
  expect(followed(['migration', 'pci'])).toBeNull()
})

it('finds the migrations under way, the largest first', () => {
  const rows = [row('a', null, 'migration:go-2', 'migration:k8s'), row('b', null, 'migration:k8s', 'migrated:k8s'), row('c', null, 'migration', 'migrated:old')]
  expect(migrations(rows)).toEqual([
    { what: 'k8s', done: 1, all: 2 },
    { what: 'go-2', done: 0, all: 1 },
  ])
})

it('counts what moved by team, the most left first', () => {
  const state = progress(
    [
      row('a', 'Risk', 'migration:k8s-1.33', 'migrated:k8s-1.33'),
      row('b', 'Payments', 'migration:k8s-1.33', 'migrated:other'),
      row('c', 'Payments', 'migration:k8s-1.33'),
      row('d', null, 'migration:k8s-1.33'),
    ],
    'k8s-1.33',
  )
  expect([state.done, state.all]).toEqual([1, 4])
  expect(state.teams.map(({ team, done, left }) => [team, done, left.join()])).toEqual([
    ['Payments', 0, 'b,c'],
    ['Nobody', 0, 'd'],
    ['Risk', 1, ''],
  ])
  expect(markdown('k8s-1.33', state)).toContain('- Payments: 0 of 2; left: b, c')
})
