import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { UserX } from 'lucide-react'
import { useEffect } from 'react'
import { Avatar } from '@/components/Avatar'
import { Button } from '@/components/Button'
import { Chip } from '@/components/controls'
import { Icon } from '@/components/Icon'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Time } from '@/components/Time'
import { request } from '@/data/client'
import { EntityLink, nameOf } from '@/features/entity/EntityLink'
import { useTeamSearch } from '@/features/entity/useTeamSearch'
import { HandoversDocument, MyTeamsDocument, OnCallNowDocument, type OnCallNowQuery } from '@/gql/graphql'
import { Link, useNavigate } from '@/router'
import { useEntityCommand } from '@/shell/commands'
import { Page } from '@/shell/Page'
import { keepShared, useUrl } from '@/shell/search'
import { useMay, useViewer } from '@/shell/viewer'
import { clock, zoneLabel } from '@/time/format'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'

type Team = OnCallNowQuery['entities']['nodes'][number]

/** Who answers a page just now, of every team or of one's own. */
export default function OnCallPage() {
  const search = useTeamSearch()
  const { view } = useUrl()
  const only = view === 'mine' || view === 'nobody' ? view : 'all'
  const navigate = useNavigate()
  const setOnly = (next: typeof only) => navigate({ to: '.', search: (old) => ({ ...old, view: next === 'all' ? undefined : next }) })
  const list = useInfiniteQuery({
    queryKey: ['on-call', search.q],
    queryFn: ({ pageParam, signal }) => request(OnCallNowDocument, { after: pageParam, q: search.q || null }, signal),
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.entities.next ?? undefined,
    refetchInterval: 60_000,
  })
  const noLogin = useViewer()?.viewer.noLogin ?? true
  const mine = useQuery({ queryKey: ['my-teams'], queryFn: ({ signal }) => request(MyTeamsDocument, {}, signal), enabled: !noLogin }).data?.me
  const command = useEntityCommand('team', 'payments', { 'on-call/primary/person:priya.raman': '' })
  const teams = list.data?.pages.flatMap((page) => page.entities.nodes) ?? []
  const total = list.data?.pages[0]?.entities.total ?? 0
  const { hasNextPage, isFetching, isError, fetchNextPage } = list
  // Those of a kind are known once all were read.
  useEffect(() => {
    if (only !== 'all' && hasNextPage && !isFetching && !isError) void fetchNextPage()
  }, [only, hasNextPage, isFetching, isError, fetchNextPage])
  const own = new Set(mine?.teams ?? [])
  const empty = teams.filter((team) => team.onCall.length === 0)
  const shown = only === 'mine' ? teams.filter((team) => own.has(team.name)) : only === 'nobody' ? empty : teams
  return (
    <Page title="On call" heading environments={false}>
      <div className="flex flex-none flex-wrap items-center gap-x-3 gap-y-2 border-b border-border pb-2.5 max-sm:flex-col max-sm:items-stretch sm:px-5 sm:pt-2.5">
        {search.box(list)}
        <div className="flex flex-wrap items-center gap-1.5 max-sm:px-4">
          <Chip on={only === 'all'} count={list.data ? total : undefined} onClick={() => setOnly('all')}>
            Every team
          </Chip>
          {own.size > 0 && (
            <Chip on={only === 'mine'} onClick={() => setOnly('mine')}>
              Mine
            </Chip>
          )}
          <Chip on={only === 'nobody'} count={list.data && !hasNextPage ? empty.length : undefined} onClick={() => setOnly('nobody')}>
            Nobody on call
          </Chip>
        </div>
      </div>
      <div className="scroll-thin min-h-0 flex-1 pb-6">
        {list.isPending && (
          <Loading what="who is on call">
            <div className="p-5">
              <Bar width="35%" />
              <Bar width="50%" />
            </div>
          </Loading>
        )}
        {list.isError && teams.length === 0 && <ErrorState title="Who is on call could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
        {list.isSuccess && teams.length === 0 && search.q && <EmptyState title={`No team matches “${search.q}”`}>Their names, titles and descriptions were searched.</EmptyState>}
        {list.isSuccess && teams.length === 0 && !search.q && (
          <EmptyState title="No teams yet" command={command}>
            Who is on call is told by descriptors and by what connects to your schedules. By hand:
          </EmptyState>
        )}
        {teams.length > 0 && (
          <>
            <ul ref={search.list} aria-label="On call now">
              {shown.map((team) => (
                <TeamRow key={team.ref} team={team} />
              ))}
            </ul>
            {shown.length === 0 && <p className="px-5 py-4 text-text-2 max-sm:px-4">{hasNextPage ? `${teams.length} of ${total} teams looked at.` : only === 'nobody' ? 'Every team here has somebody on call.' : 'No team of yours is among these.'}</p>}
          </>
        )}
        {hasNextPage && only === 'all' && (
          <div className="p-5">
            <Button onClick={() => void fetchNextPage()}>
              Show more: {teams.length.toLocaleString('en')} of {total.toLocaleString('en')}
            </Button>
          </div>
        )}
        {teams.length > 0 && <Handovers />}
      </div>
    </Page>
  )
}

function TeamRow({ team }: { team: Team }) {
  const services = team.owns.filter((entity) => entity.kind === 'service')
  const urgent = services.filter((service) => service.tier === 0 || service.tier === 1).length
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 border-b border-border px-5 py-1.5 hover:bg-hover max-sm:px-4">
      <span className="w-40 flex-none max-sm:w-full">
        <EntityLink entity={team} className="inline-block min-h-6 font-semibold hover:underline" />
        <span className="block text-12 text-text-3">
          {services.length} {services.length === 1 ? 'service' : 'services'}
          {urgent > 0 && `, ${urgent} of tier 0 or 1`}
        </span>
      </span>
      {team.onCall.length === 0 ? (
        <span className="inline-flex items-center gap-1.5 font-medium text-warn">
          <Icon of={UserX} />
          Nobody known on call
        </span>
      ) : (
        team.onCall.map((duty, i) => <Duty key={i} duty={duty} first={i === 0} />)
      )}
      {team.nextOnCall.map((duty) => (
        <Next key={duty.role + duty.name} duty={duty} />
      ))}
      {team.contacts[0] && <span className="ml-auto flex-none text-12 text-text-3 max-lg:hidden">{team.contacts[0].title || team.contacts[0].value}</span>}
    </li>
  )
}

function Duty({ duty, first }: { duty: Team['onCall'][number]; first: boolean }) {
  const now = useNow()
  const { primary } = useZones()
  const zone = duty.person?.timeZone
  const role = /^primary$/i.test(duty.role) || !duty.role ? 'On call' : duty.role.charAt(0).toUpperCase() + duty.role.slice(1)
  return (
    <span className="flex w-64 items-center gap-2 leading-[17px] max-sm:w-full">
      <Avatar kind="person" name={duty.person ? nameOf(duty.person) : duty.name} size={24} />
      <span className="min-w-0">
        <span className={`block truncate ${first ? 'font-medium' : 'text-text-2'}`}>{duty.person ? <EntityLink entity={duty.person} className="inline-block min-h-6 leading-6 hover:underline" /> : duty.name}</span>
        <span className="block truncate text-12 text-text-3">
          {role}
          {duty.until && (
            <>
              {' to '}
              <Time iso={duty.until} />
            </>
          )}
          {zone && zone !== primary.id && `, ${clock(now, zone)} in ${zoneLabel(zone)}`}
        </span>
      </span>
      {duty.person?.email && (
        <a href={`mailto:${duty.person.email}`} className="link grid h-6 place-items-center px-1 text-12 max-sm:ml-auto max-sm:h-11 max-sm:px-3 max-sm:text-14">
          Mail<span className="sr-only"> {duty.name}</span>
        </a>
      )}
    </span>
  )
}

/** Who takes over, and when: nobody is guessed. */
function Next({ duty: { name, role, from, until, person } }: { duty: Team['nextOnCall'][number] }) {
  return (
    <span className="w-60 leading-[17px] text-text-3 max-sm:w-full">
      <span className="block truncate">
        Next{role !== 'primary' && ` ${role}`}: {person ? <EntityLink entity={person} className="inline-block min-h-6 leading-6 text-text-2 hover:underline" /> : <span className="text-text-2">{name}</span>}
      </span>
      {from && (
        <span className="block truncate text-12">
          {!until && 'from '}
          <Time iso={from} />
          {until && (
            <>
              {' to '}
              <Time iso={until} />
            </>
          )}
        </span>
      )}
    </span>
  )
}

/** Who took over lately. */
function Handovers() {
  const may = useMay('log.read')
  const rows = useQuery({ queryKey: ['handovers'], queryFn: ({ signal }) => request(HandoversDocument, {}, signal), enabled: may }).data?.feed.rows
  return (
    <section className="px-5 pt-5 max-sm:px-4">
      <h2 className="mb-1 text-12 font-medium text-text-3">Handovers</h2>
      {rows && rows.length > 0 ? (
        <ul>
          {rows.map(({ id, event }) => (
            <li key={id} className="flex gap-3 leading-7">
              <span className="w-32 flex-none text-text-3">
                <Time iso={event.startedAt} />
              </span>
              <Link to="/e/$event" params={{ event: event.id }} search={keepShared} title={event.title} className="min-w-0 truncate hover:underline">
                {event.title}
              </Link>
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-text-3">None was told of. Send an event of the kind oncall when a shift begins.</p>
      )}
      <p className="mt-2 max-w-[64ch] text-text-3">Who comes next is shown where a source tells it: PagerDuty is asked for two weeks ahead, and a descriptor may say it. “Secondary” is the backup of now.</p>
    </section>
  )
}
