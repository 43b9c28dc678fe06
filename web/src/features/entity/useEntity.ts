import { useQuery } from '@tanstack/react-query'
import { request } from '@/data/client'
import { EntityDocument } from '@/gql/graphql'

/** One entity with everything its page shows; its data is null when there is none. */
export function useEntity(ref: string) {
  return useQuery({
    queryKey: ['entity', ref],
    queryFn: async ({ signal }) => (await request(EntityDocument, { ref }, signal)).entity ?? null,
    refetchInterval: 60_000,
  })
}
