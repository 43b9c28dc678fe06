import { useQuery } from '@tanstack/react-query'
import { request } from '@/data/client'
import { OpenIncidentsDocument } from '@/gql/graphql'

/** More than a person looks at one by one. */
const MOST = 9

/** How many incidents are not resolved, wherever one is; nothing where there is none. */
export function Troubles({ className = '' }: { className?: string }) {
  const found = useQuery({
    queryKey: ['incidents', 'open'],
    queryFn: ({ signal }) => request(OpenIncidentsDocument, { first: MOST }, signal),
    refetchInterval: 30_000,
  }).data?.incidents
  if (!found?.nodes.length) return null
  return (
    <span className={`grid h-[17px] min-w-[17px] place-items-center rounded-full bg-crit-solid px-1 text-11 font-semibold text-on-crit ${className}`}>
      <span>
        {found.nodes.length}
        {found.next && '+'}
        <span className="sr-only"> not resolved</span>
      </span>
    </span>
  )
}
