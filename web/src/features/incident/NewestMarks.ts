import { useEffect } from 'react'
import { type Marks, marksOf, NO_MARKS } from '@/features/feed/marks'
import { useIncidents, useRanking } from './useIncidents'

/** Of the whole feed those of the incident that was opened last: a hint, asked for once the feed is there. */
export default function NewestMarks({ onMarks }: { onMarks: (marks: Marks) => void }) {
  const incident = useIncidents({ statuses: ['open', 'acknowledged'] }).data?.pages[0]?.incidents.nodes[0]?.number
  const suspects = useRanking(incident).data?.incident?.suspects?.suspects
  useEffect(() => onMarks(incident && suspects ? marksOf(incident, suspects) : NO_MARKS), [incident, suspects, onMarks])
  return null
}
