import { expect, it } from 'vitest'
import { impactWords, told } from './impact'

const signal = (kind: string, detail: string, environment = 'production') => ({ id: detail, kind, source: kind === 'incident' ? 'pagerduty' : 'alertmanager', detail, environment })
const impact = (tier: number | null, userFacing: boolean | null) => ({ tier, userFacing, callers: 0, first: [] })

it('says what the page said, before what an alert said', () => {
  expect(told([signal('incident', '6.8 % of checkouts fail.\nMore.'), signal('alert', 'p99')])).toEqual({ text: '6.8 % of checkouts fail.', source: 'pagerduty' })
  expect(told([signal('alert', 'old'), signal('alert', 'new'), signal('incident', ' ')])).toEqual({ text: 'new', source: 'alertmanager' })
  expect(told([])).toBeNull()
})

it('says only what is known', () => {
  expect(impactWords({ impact: impact(null, null), signals: [], environment: '' })).toEqual([])
  expect(impactWords({ impact: impact(0, true), signals: [signal('alert', 'a'), signal('alert', 'b', 'staging')], environment: 'production' })).toEqual([
    'tier 0',
    'end users feel it',
    'also in staging',
  ])
  expect(impactWords({ impact: impact(2, false), signals: [], environment: '' })).toEqual(['tier 2', 'end users do not feel it'])
})
