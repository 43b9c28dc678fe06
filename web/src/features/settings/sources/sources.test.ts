import { expect, it } from 'vitest'
import { mockSource } from '@/gql/mocks'
import { arrange, type Source, summary } from './sources'

const source = (over: Partial<Source>): Source => ({ ...mockSource(), observed: null, ...over }) as Source

it('puts first what needs somebody, and finds by every word', () => {
  const all = [
    source({ name: 'git', type: 'git', state: 'working', detail: 'github.com/acme/shop' }),
    source({ name: 'kubernetes-prod', type: 'kubernetes', state: 'failing', detail: 'silent for 3 min' }),
    source({ name: 'argo', type: 'argocd', state: 'waiting', detail: '' }),
    source({ name: 'alerts', type: 'alertmanager', state: 'working', detail: '' }),
  ]
  expect(arrange(all, '').map((s) => s.name)).toEqual(['kubernetes-prod', 'argo', 'alerts', 'git'])
  expect(arrange(all, 'ACME git').map((s) => s.name)).toEqual(['git'])
  expect(arrange(all, 'nothing')).toEqual([])
  expect(summary(all)).toBe('1 failing, 1 waiting, 2 working')
  expect(summary([])).toBe('')
})
