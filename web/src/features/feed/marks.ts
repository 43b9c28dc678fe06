import { createContext, useContext } from 'react'
import type { FeedLineFragment } from '@/gql/graphql'

/** What a row of a feed stands out by: a suspect of the incident that is open. */
export type Mark = { rank: number; incident: number; reason: string }
/** By the id of an event, or by the story that it is a step of. */
export type Marks = ReadonlyMap<string, Mark>

const Context = createContext<Marks>(new Map())
export const MarksProvider = Context.Provider

type Row = Pick<FeedLineFragment, 'event' | 'events'>

/** The mark of a row: of a group that of the likeliest in it. */
export function markOf(marks: Marks, row: Row): Mark | undefined {
  if (marks.size === 0) return undefined
  const keys = [row.event.id, row.event.story, ...row.events.map(({ id }) => id)]
  return keys
    .flatMap((key) => (key && marks.get(key)) || [])
    .toSorted((a, b) => a.rank - b.rank)[0]
}

export const useMark = (row: Row) => markOf(useContext(Context), row)
