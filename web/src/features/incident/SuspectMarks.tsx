import { type ReactNode, useMemo } from 'react'
import { MarksProvider, marksOf, NO_MARKS } from '@/features/feed/marks'
import type { IncidentLineFragment } from '@/gql/graphql'
import { useIncidents, useRanking } from './useIncidents'

const open = ['open', 'acknowledged']

type Props = { service: string; known: readonly IncidentLineFragment[]; children: ReactNode }

/** Marks the suspects of the open incident of a service in the feed within. */
export function SuspectMarks({ service, known, children }: Props) {
  const incident = useIncidents({ statuses: open, services: [service] }, known).data?.pages[0]?.incidents.nodes[0]?.number
  const suspects = useRanking(incident).data?.incident?.suspects?.suspects
  const marks = useMemo(() => (incident && suspects ? marksOf(incident, suspects) : NO_MARKS), [incident, suspects])
  return <MarksProvider value={marks}>{children}</MarksProvider>
}
