import { useQuery } from '@tanstack/react-query'
import { Time } from '@/components/Time'
import { request } from '@/data/client'
import { ShiftsDocument } from '@/gql/graphql'
import { EntityLink } from './EntityLink'
import { shiftsOf } from './shifts'

/** When a person is on call, and of what, among their teams and what these own. */
export default function Shifts({ person }: { person: string }) {
  const teams = useQuery({ queryKey: ['shifts', person], queryFn: ({ signal }) => request(ShiftsDocument, { ref: person }, signal) }).data?.entity?.partOf
  const shifts = shiftsOf(person, teams ?? [])
  if (shifts.length === 0) return null
  return (
    <>
      <h2 className="mt-[15px] mb-[5px] text-12 font-medium text-text-3">On call</h2>
      <ul className="divide-y divide-border rounded-8 border border-border px-2.5 py-0.5">
        {shifts.map(({ role, from, until, next, of }) => (
          <li key={role + next + from + until} className="py-1.5 leading-5">
            <b className="font-medium">{next ? 'Next' : 'Now'}</b>
            <span className="text-text-2">
              {', '}
              {role}
              {next && from && (
                <>
                  {' from '}
                  <Time iso={from} />
                </>
              )}
              {until && (
                <>
                  {next ? ' to ' : ' until '}
                  <Time iso={until} />
                </>
              )}
            </span>
            <span className="block text-12 text-text-3">
              {of.slice(0, 3).map((entity, i) => (
                <span key={entity.ref}>
                  {i > 0 && ', '}
                  <EntityLink entity={entity} className="hover:underline" />
                </span>
              ))}
              {of.length > 3 && ` and ${of.length - 3} more`}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
