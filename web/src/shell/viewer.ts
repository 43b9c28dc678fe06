import { queryOptions, useQuery } from '@tanstack/react-query'
import { request } from '@/data/client'
import { ViewerDocument, type ViewerQuery } from '@/gql/graphql'

export const viewerQuery = queryOptions({
  queryKey: ['viewer'],
  queryFn: ({ signal }) => request(ViewerDocument, {}, signal),
  staleTime: 60_000,
})

export type KindInfo = ViewerQuery['kinds'][number]

/** Who looks, and what this installation has; undefined until it is known. */
export function useViewer() {
  return useQuery(viewerQuery).data
}

/** Whether the viewer may perform an operation, such as `alias.claim`; false until it is known. */
export function useMay(operation: string): boolean {
  return useViewer()?.viewer.may.includes(operation) ?? false
}

/** The kinds of events by name; empty until they are known. */
export function useKinds(): ReadonlyMap<string, KindInfo> {
  return useQuery({ ...viewerQuery, select: kindsByName }).data ?? none
}

const none: ReadonlyMap<string, KindInfo> = new Map()
const kindsByName = (data: ViewerQuery) => new Map(data.kinds.map((kind) => [kind.name, kind]))
