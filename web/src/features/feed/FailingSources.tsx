import { useQuery } from '@tanstack/react-query'
import { ClockAlert } from 'lucide-react'
import { Banner } from '@/components/states'
import { request } from '@/data/client'
import { FeedSourcesDocument } from '@/gql/graphql'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'
import { clock, DAY, date } from '@/time/format'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'

/** Names the sources that cannot be heard: an empty stretch of the feed may be their silence. */
export default function FailingSources() {
  const { primary } = useZones()
  const now = useNow()
  const sources = useQuery({
    queryKey: ['sources'],
    queryFn: async ({ signal }) => (await request(FeedSourcesDocument, {}, signal)).sources,
    refetchInterval: 60_000,
  })
  const failing = sources.data?.filter((source) => source.state === 'failing') ?? []
  const [first, ...others] = failing
  if (!first) return null
  const last = first.lastEventAt ? Date.parse(first.lastEventAt) : null
  const since = last === null ? '' : now - last < DAY ? ` Last heard at ${clock(last, primary.id)}.` : ` Last heard on ${date(last, primary.id, now)}.`
  return (
    <Banner icon={ClockAlert}>
      <b>
        <Link to="/settings/sources/$name" params={{ name: first.name }} search={keepShared} className="underline decoration-border-strong underline-offset-2">
          {first.name}
        </Link>{' '}
        cannot be heard{others.length > 0 && `, nor ${others.length === 1 ? others[0]!.name : `${others.length} other sources`}`}.
      </b>
      {since} {failing.length === 1 ? 'Its' : 'Their'} changes may be missing. <span className="inline-block text-text-2 first-letter:uppercase max-sm:hidden">{first.detail}</span>
    </Banner>
  )
}
