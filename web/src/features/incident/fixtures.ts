import type { EventLineFragment, SuspectLineFragment } from '@/gql/graphql'

type EventOf = Partial<Omit<EventLineFragment, 'subjects'>> & { subject?: string }

/** An event for tests, about one service. */
export function event({ subject = 'checkout', ...rest }: EventOf): EventLineFragment {
  return {
    id: 'e',
    source: 'api',
    kind: 'deploy',
    class: 'change',
    phase: 'succeeded',
    title: 'Deployed',
    detail: '',
    subjects: [{ ref: `service:${subject}`, name: subject, kind: 'service', claimed: true }],
    environment: 'production',
    region: '',
    cluster: '',
    actor: { type: 'person', name: 'Priya Raman', via: '', person: null },
    startedAt: '2026-06-11T00:41:20Z',
    endedAt: null,
    receivedAt: '2026-06-11T00:41:21Z',
    version: '',
    previous: '',
    commit: '',
    diff: [],
    exposure: null,
    links: [],
    labels: [],
    story: null,
    dark: false,
    ...rest,
  }
}

/** A suspect for tests. */
export function suspect(rest: Partial<SuspectLineFragment>): SuspectLineFragment {
  return {
    rank: 1,
    probability: 0.5,
    strength: 'possible',
    evidence: [],
    beforeSeconds: 600,
    path: ['checkout'],
    direction: 'self',
    undo: { text: '', url: '', tool: '', lost: [] },
    owner: { entity: null, people: [] },
    verdict: '',
    event: event({}),
    ...rest,
  }
}
