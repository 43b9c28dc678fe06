import { useQuery } from '@tanstack/react-query'
import { request } from '@/data/client'
import { FeedSourcesDocument } from '@/gql/graphql'

/** How many sources cannot be heard, wherever one is. The feed, which names them, asks the same and only once. */
export function Silent() {
  const failing = useQuery({
    queryKey: ['sources'],
    queryFn: async ({ signal }) => (await request(FeedSourcesDocument, {}, signal)).sources,
    refetchInterval: 60_000,
  }).data?.filter(({ state }) => state === 'failing').length
  return failing ? <span className="text-[11.5px] text-warn">{failing} failing</span> : null
}
