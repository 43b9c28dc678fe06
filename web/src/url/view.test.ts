import { expect, it } from 'vitest'
import { core, queryOf, sameView, show } from './view'

it('a view is what it filters, not when or where', () => {
  expect(core({ kind: 'deploy', env: 'production', from: '-1h', tz: 'UTC', sel: 'e1' })).toEqual({ kind: 'deploy' })
  expect(sameView({ kind: 'deploy', q: 'x' }, { q: 'x', kind: 'deploy', env: 'staging' })).toBe(true)
  expect(sameView({ kind: 'deploy' }, {})).toBe(false)
  expect(queryOf({ team: 'payments', env: 'production', cols: 'tier,owner' })).toBe('team=payments&cols=tier,owner')
})

it('choosing a view keeps the environment, the window and the zone, and closes the panel', () => {
  const at = { kind: 'deploy', env: 'production', from: '-1h', tz: 'UTC', sel: 'e1' }
  expect(show({ phase: 'failed' }, at)).toEqual({ env: 'production', from: '-1h', tz: 'UTC', phase: 'failed' })
  expect(show({ phase: 'failed', env: 'staging' }, at).env).toBe('production')
})
