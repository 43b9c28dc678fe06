import { type ReactNode, useMemo } from 'react'
import { type Mark, type Marks, MarksProvider } from '@/features/feed/marks'
import type { IncidentLineFragment, RankingPartsFragment } from '@/gql/graphql'
import { useIncidents, useRanking } from './useIncidents'

/** How many suspects are marked: as many as are listed in chat. */
const MARKED = 5

/** The suspects of a ranking, as rows of a feed show them. */
function marksOf(incident: number, suspects: RankingPartsFragment['suspects']): Marks {
  const marks = new Map<string, Mark>()
  for (const { rank, event, evidence } of suspects.slice(0, MARKED)) {
    const reason = evidence.find(({ weight }) => weight > 0)?.sentence ?? ''
    for (const key of [event.id, event.story]) if (key) marks.set(key, { rank, incident, reason })
  }
  return marks
}

const open = ['open', 'acknowledged']
const none: Marks = new Map()

type Props = { service: string; known: readonly IncidentLineFragment[]; children: ReactNode }

/** Marks the suspects of the open incident of a service in the feed within. */
export function SuspectMarks({ service, known, children }: Props) {
  const incident = useIncidents({ statuses: open, services: [service] }, known).data?.pages[0]?.incidents.nodes[0]?.number
  const suspects = useRanking(incident).data?.incident?.suspects?.suspects
  const marks = useMemo(() => (incident && suspects ? marksOf(incident, suspects) : none), [incident, suspects])
  return <MarksProvider value={marks}>{children}</MarksProvider>
}
