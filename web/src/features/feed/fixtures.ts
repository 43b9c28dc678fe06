// What the tests of the feed build on: the generated builders, with the few fields filled that every row has.
import type { EventLineFragment, FeedLineFragment } from '@/gql/graphql'
import { mockActor, mockEvent, mockFeedRow, mockSubject } from '@/gql/mocks'
import type { KindTable } from './wording'

export const kinds: KindTable = new Map(
  (
    [
      ['deploy', 'rocket', 'deployed', 'Deploys'],
      ['rollback', 'undo-2', 'rolled back', 'Rollbacks'],
      ['flag', 'flag', 'changed flag', 'Feature flags'],
      ['experiment', 'flask-conical', 'changed experiment', 'Experiments'],
      ['scaling', 'scaling', 'scaled', 'Scaling'],
      ['config', 'sliders-horizontal', 'changed configuration', 'Configuration'],
      ['secret', 'key-round', 'rotated secret', 'Secrets'],
      ['infrastructure', 'layers', 'changed infrastructure', 'Infrastructure'],
      ['schema', 'database', 'migrated', 'Schema'],
      ['merge', 'git-merge', 'merged', 'Merges'],
      ['build', 'hammer', 'built', 'Builds'],
      ['release', 'tag', 'released', 'Releases'],
      ['alert', 'bell-ring', 'fired', 'Alerts'],
      ['incident', 'siren', 'opened', 'Incidents'],
      ['note', 'sticky-note', 'noted', 'Notes'],
    ] as const
  ).map(([name, icon, verb, title]) => [name, { icon, verb, title }]),
)

export function event(over: Partial<EventLineFragment> & { label?: Record<string, string> } = {}): EventLineFragment {
  const { label, ...rest } = over
  const startedAt = rest.startedAt ?? '2026-06-11T00:41:00Z'
  return {
    ...(mockEvent() as EventLineFragment),
    kind: 'note',
    class: 'change',
    phase: 'succeeded',
    title: 'Something happened',
    environment: 'production',
    actor: mockActor({ type: 'person', name: 'Priya Raman' }) as EventLineFragment['actor'],
    subjects: [subject('checkout-api')],
    startedAt,
    receivedAt: startedAt,
    labels: Object.entries(label ?? {}).map(([key, value]) => ({ key, value })),
    ...rest,
  }
}

export const subject = (name: string) =>
  mockSubject({ ref: `service:${name}`, name, kind: 'service', claimed: true }) as EventLineFragment['subjects'][number]

let serial = 0
export function row(main: Parameters<typeof event>[0] = {}, over: Partial<FeedLineFragment> = {}): FeedLineFragment {
  const shown = event({ id: `e${++serial}`, ...main })
  return {
    ...(mockFeedRow() as FeedLineFragment),
    id: over.id ?? `r${serial}`,
    shape: 'event',
    count: 1,
    subjects: shown.subjects,
    subjectCount: shown.subjects.length,
    event: shown,
    ...over,
  }
}
