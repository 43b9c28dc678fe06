import { expect, it } from 'vitest'
import { BUILT_IN, core, sameView, show } from './views'

it('a view is what it filters, not when or where', () => {
  expect(core({ kind: 'deploy', env: 'production', from: '-1h', tz: 'UTC', sel: 'e1' })).toEqual({ kind: 'deploy' })
  expect(sameView({ kind: 'deploy', q: 'x' }, { q: 'x', kind: 'deploy', env: 'staging' })).toBe(true)
  expect(sameView({ kind: 'deploy' }, {})).toBe(false)
})

it('choosing a view keeps the environment, the window and the zone, and closes the panel', () => {
  const failed = BUILT_IN.find((view) => view.name === 'Failed')!
  expect(show(failed, { kind: 'deploy', env: 'production', from: '-1h', tz: 'UTC', sel: 'e1' })).toEqual({
    env: 'production',
    from: '-1h',
    tz: 'UTC',
    phase: 'failed',
  })
})
