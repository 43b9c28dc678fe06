import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { UserX } from 'lucide-react'
import { Avatar } from '@/components/Avatar'
import { Button } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { request } from '@/data/client'
import { TeamsDocument } from '@/gql/graphql'
import { useEntityCommand } from '@/shell/commands'
import { Page } from '@/shell/Page'
import { EntityLink, nameOf } from './EntityLink'
import { useTeamSearch } from './useTeamSearch'

/** Every team: what it owns, and who of it answers now. */
export default function TeamsPage() {
  const command = useEntityCommand('team', 'payments', { title: 'Payments' })
  const search = useTeamSearch()
  const list = useInfiniteQuery({
    queryKey: ['teams', search.q],
    queryFn: ({ pageParam, signal }) => request(TeamsDocument, { after: pageParam, q: search.q || null }, signal),
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.entities.next ?? undefined,
  })
  const total = list.data?.pages[0]?.entities.total
  const teams = list.data?.pages.flatMap((page) => page.entities.nodes) ?? []
  return (
    <Page title="Teams" heading count={total} environments={false}>
      <div className="flex-none py-2.5 sm:px-4">{search.box(list)}</div>
      <div className="scroll-thin min-h-0 flex-1">
        {list.isPending && (
          <Loading what="teams">
            <div className="p-4">
              <Bar width="30%" />
              <Bar width="45%" />
              <Bar width="38%" />
            </div>
          </Loading>
        )}
        {list.isError && teams.length === 0 && <ErrorState title="The teams could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
        {list.isSuccess && teams.length === 0 && search.q && <EmptyState title={`No team matches “${search.q}”`}>Their names, titles and descriptions were searched.</EmptyState>}
        {list.isSuccess && teams.length === 0 && !search.q && (
          <EmptyState
            title="No teams yet"
            command={command}
          >
            A team appears as soon as a descriptor names it as an owner, or with this command.
          </EmptyState>
        )}
        {teams.length > 0 && (
          <ul ref={search.list} className="border-t border-border">
            {teams.map((team) => {
              const owned = team.owns.filter((entity) => entity.kind === 'service').length
              const duty = team.onCall[0]
              return (
                <li key={team.ref} className="relative flex h-10 items-center gap-4 border-b border-border px-4 hover:bg-hover max-sm:h-15">
                  <span className="w-44 min-w-0 flex-none max-sm:w-auto max-sm:flex-1">
                    {/* On a phone the whole line leads there. */}
                    <EntityLink entity={team} className="block truncate leading-6 font-semibold hover:underline max-sm:after:absolute max-sm:after:inset-0" />
                    <span className={`block truncate text-13 sm:hidden ${duty ? 'text-text-3' : 'text-warn'}`}>{duty ? (duty.person ? nameOf(duty.person) : duty.name) : 'Nobody known on call'}</span>
                  </span>
                  <span className="w-24 flex-none text-text-2 max-sm:w-auto max-sm:text-right">
                    {owned} {owned === 1 ? 'service' : 'services'}
                  </span>
                  <span className="flex w-48 flex-none items-center gap-1.5 text-text-2 max-sm:hidden">
                    {duty ? (
                      <>
                        <Avatar kind="person" name={duty.person ? nameOf(duty.person) : duty.name} />
                        <span className="truncate">{duty.person ? nameOf(duty.person) : duty.name}</span>
                      </>
                    ) : (
                      <span className="inline-flex items-center gap-1.5 text-text-3">
                        <Icon of={UserX} />
                        Nobody known on call
                      </span>
                    )}
                  </span>
                  <span title={team.description} className="min-w-0 truncate text-text-3 max-lg:hidden">{team.description}</span>
                </li>
              )
            })}
          </ul>
        )}
        {list.hasNextPage && (
          <div className="p-4">
            <Button onClick={() => void list.fetchNextPage()}>
              Show more: {teams.length.toLocaleString('en')} of {total?.toLocaleString('en')}
            </Button>
          </div>
        )}
      </div>
    </Page>
  )
}
