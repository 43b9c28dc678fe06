import { createContext, useContext } from 'react'
import type { FeedLineFragment, RankingPartsFragment } from '@/gql/graphql'

/** What a row of a feed stands out by: a suspect of the incident that is open. */
export type Mark = {
  rank: number
  incident: number
  reason: string
  /** What was changed, by name: a group says which of its own it is. */
  subject?: string
}
/** By the id of an event, or by the story that it is a step of. */
export type Marks = ReadonlyMap<string, Mark>

export const NO_MARKS: Marks = new Map()

/** How many suspects are marked: as many as are listed in chat. */
const MARKED = 5

/** The suspects of a ranking, as rows of a feed show them. */
export function marksOf(incident: number, suspects: RankingPartsFragment['suspects']): Marks {
  const marks = new Map<string, Mark>()
  for (const { rank, event, evidence } of suspects.slice(0, MARKED)) {
    const reason = evidence.find(({ weight }) => weight > 0)?.sentence ?? ''
    for (const key of [event.id, event.story]) if (key) marks.set(key, { rank, incident, reason, subject: event.subjects[0]?.name })
  }
  return marks
}

const Context = createContext(NO_MARKS)
export const MarksProvider = Context.Provider

type Row = Pick<FeedLineFragment, 'event' | 'events' | 'subjectCount'>

/** The mark of a row: of a group that of the likeliest in it. */
export function markOf(marks: Marks, row: Row): Mark | undefined {
  if (marks.size === 0) return undefined
  const keys = [row.event.id, row.event.story, ...row.events.map(({ id }) => id)]
  const mark = keys
    .flatMap((key) => (key && marks.get(key)) || [])
    .toSorted((a, b) => a.rank - b.rank)[0]
  return mark && row.subjectCount === 1 ? { ...mark, subject: undefined } : mark
}

export const useMark = (row: Row) => markOf(useContext(Context), row)
