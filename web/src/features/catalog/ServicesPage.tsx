import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@/router'
import { Button } from '@/components/Button'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { request } from '@/data/client'
import { ServicesDocument } from '@/gql/graphql'
import { Page } from '@/shell/Page'
import { keepShared } from '@/shell/search'

/** Every service, by name. */
export default function ServicesPage() {
  const list = useInfiniteQuery({
    queryKey: ['services'],
    queryFn: ({ pageParam, signal }) => request(ServicesDocument, { filter: { kinds: ['service'] }, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.entities.next ?? undefined,
  })
  const nodes = list.data?.pages.flatMap((page) => page.entities.nodes) ?? []
  return (
    <Page title="Services" heading count={list.data?.pages[0]?.entities.total} environments={false}>
      <div className="scroll-thin min-h-0 flex-1 p-4">
        {list.isPending && (
          <Loading what="services">
            <Bar width="40%" />
            <Bar width="55%" />
          </Loading>
        )}
        {list.isError && <ErrorState title="The services could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
        {list.isSuccess && nodes.length === 0 && <EmptyState title="No services yet">A service appears with its first event.</EmptyState>}
        <ul>
          {nodes.map((service) => (
            <li key={service.ref} className="flex h-10 items-center gap-3 border-b border-border">
              <Link to="/s/$service" params={{ service: service.name }} search={keepShared} className="font-semibold hover:underline">
                {service.name}
              </Link>
              <span className="truncate text-text-3">{service.description}</span>
            </li>
          ))}
        </ul>
        {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()}>Show more</Button>}
      </div>
    </Page>
  )
}
