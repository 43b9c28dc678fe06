import { expect, it } from 'vitest'
import type { FeedLineFragment } from '@/gql/graphql'
import { markOf } from './marks'

const row = (id: string, story: string | null, ...steps: string[]) => ({ event: { id, story }, subjectCount: 2, events: steps.map((step) => ({ id: step })) }) as unknown as FeedLineFragment
const first = { rank: 1, incident: 482, reason: '' }
const second = { rank: 2, incident: 482, reason: '' }

it('marks a row by its event, by its story, and a group by the likeliest in it', () => {
  const marks = new Map([['a', first], ['b', second], ['story', second]])
  expect(markOf(marks, row('a', null))).toBe(first)
  expect(markOf(marks, row('x', 'story'))).toBe(second)
  expect(markOf(marks, row('x', null, 'b', 'a'))).toBe(first)
  expect(markOf(marks, row('x', 'other', 'y'))).toBeUndefined()
  // Of a row about one thing it need not be said which it is.
  const named = new Map([['a', { ...first, subject: 'fraud-score' }]])
  expect(markOf(named, row('a', null))?.subject).toBe('fraud-score')
  expect(markOf(named, { ...row('a', null), subjectCount: 1 })?.subject).toBeUndefined()
})
