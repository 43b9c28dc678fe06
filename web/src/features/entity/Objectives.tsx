import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Time } from '@/components/Time'
import { request } from '@/data/client'
import { BurnDocument, type EntityQuery } from '@/gql/graphql'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'
import { DAY, span } from '@/time/format'
import { useNow } from '@/time/now'

type Entity = NonNullable<EntityQuery['entity']>

/** As many days back a budget that burnt is looked for; where no source told of one, nobody measures it here. */
const LOOK = 30

type Props = { entity: Entity; heading: (title: string) => ReactNode; Row: (props: { name: string; children: ReactNode }) => ReactNode }

/** What it promises: declared, with who says so and how long ago it was read. How it does is told only where a tool tells it. */
export function Objectives({ entity, heading, Row }: Props) {
  const { ref, rpo, rto, facts } = entity
  const burn = useQuery({
    queryKey: ['burn', ref],
    queryFn: async ({ signal }) => (await request(BurnDocument, { refs: [ref], since: new Date(Date.now() - LOOK * DAY).toISOString() }, signal)).feed.rows[0]?.event ?? null,
  }).data
  const declared = [
    { field: 'rto', words: 'Back within', value: rto },
    { field: 'rpo', words: 'Loses at most', value: rpo },
  ].filter(({ value }) => value)
  return (
    <>
      {heading('Objectives')}
      <dl>
        {declared.map(({ field, words, value }) => (
          <Row key={field} name={words}>
            {value} <Said fact={facts.find((fact) => fact.field === field)} />
          </Row>
        ))}
        {declared.length === 0 && (
          <Row name="Recovery">
            <span className="text-text-3">none declared</span>
          </Row>
        )}
        <Row name="Error budget">
          {burn ? (
            <>
              <Link to="/e/$event" params={{ event: burn.id }} search={keepShared} className="underline underline-offset-2">
                {burn.title}
              </Link>{' '}
              <span className="text-text-3">
                {burn.phase === 'started' && 'since '}
                <Time iso={burn.startedAt} />, {burn.source}
              </span>
            </>
          ) : (
            burn === null && <span className="text-text-3">not measured</span>
          )}
        </Row>
      </dl>
    </>
  )
}

/** Who says so, and how long ago that was read. */
function Said({ fact }: { fact: Entity['facts'][number] | undefined }) {
  const now = useNow()
  if (!fact) return null
  return (
    <span className="text-12 text-text-3" title={fact.source}>
      {fact.source.split(/[:\/]/).at(-1)}, {span(Math.max(0, now - Date.parse(fact.confirmedAt)))} ago
    </span>
  )
}
