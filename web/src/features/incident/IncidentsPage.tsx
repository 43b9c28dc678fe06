import { useRef } from 'react'
import { Badge } from '@/components/Badge'
import { Button } from '@/components/Button'
import { Chip } from '@/components/controls'
import { SearchBox } from '@/components/SearchBox'
import { StatusGlyph } from '@/components/shapes'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age, BothZones, TimeTip } from '@/components/Time'
import type { IncidentLineFragment } from '@/gql/graphql'
import { Link, useNavigate } from '@/router'
import { usePageCommand } from '@/shell/commands'
import { useShortcuts } from '@/shell/keys'
import { Page } from '@/shell/Page'
import { keepShared, useUrl } from '@/shell/search'
import { exactSpan } from '@/time/format'
import { splitList } from '@/url/search'
import { useTrackRecord } from './useIncident'
import { useIncidents } from './useIncidents'

/** Every trouble, the newest first; those that last stand out by shape. */
export default function IncidentsPage() {
  const url = useUrl()
  const navigate = useNavigate()
  const which = url.status === 'open' ? 'open' : 'all'
  const setWhich = (status: string) => navigate({ to: '.', search: (old) => ({ ...old, status: status === 'all' ? undefined : status }) })
  const services = splitList(url.service)
  const environments = splitList(url.env)
  const q = url.q ?? ''
  const list = useIncidents({
    ...(which === 'open' && { statuses: ['open', 'acknowledged'] }),
    ...(services.length > 0 && { services }),
    ...(environments.length > 0 && { environments }),
    ...(q && { q }),
  })
  const command = usePageCommand('checkout-api')
  const incidents = list.data?.pages.flatMap((page) => page.incidents.nodes) ?? []
  const input = useRef<HTMLInputElement>(null)
  const rows = useRef<HTMLUListElement>(null)
  const step = (by: number) => {
    const links = [...(rows.current?.querySelectorAll<HTMLElement>('[data-title]') ?? [])]
    const at = links.indexOf(document.activeElement as HTMLElement)
    links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))]?.focus()
  }
  useShortcuts([
    { keys: '/', label: 'Search', group: 'Incidents', run: () => input.current?.focus() },
    { keys: 'j, down', label: 'Next incident', group: 'Incidents', run: () => step(1) },
    { keys: 'k, up', label: 'Previous incident', group: 'Incidents', run: () => step(-1) },
  ])
  return (
    <Page title="Incidents" heading>
      <div className="flex flex-none items-center gap-x-3 gap-y-2 border-b border-border pb-2.5 max-sm:flex-col max-sm:items-stretch sm:px-5 sm:pt-2.5">
        <SearchBox
          what="Incidents"
          placeholder="Title, number, service"
          q={q}
          answer={list}
          input={input}
          onChange={(next) => navigate({ to: '.', search: (old) => ({ ...old, q: next || undefined }), replace: true })}
          onLeave={() => step(0)}
        />
        <div className="flex flex-none gap-1.5 max-sm:px-4">
          <Chip on={which === 'all'} onClick={() => setWhich('all')}>
            All
          </Chip>
          <Chip on={which === 'open'} onClick={() => setWhich('open')}>
            Not resolved
          </Chip>
        </div>
        <TrackRecord />
      </div>
      <div className="scroll-thin min-h-0 flex-1">
        {list.isPending && (
          <Loading what="incidents">
            <div className="p-5">
              <Bar width="50%" />
              <Bar width="62%" />
              <Bar width="45%" />
            </div>
          </Loading>
        )}
        {list.isError && incidents.length === 0 && <ErrorState title="The incidents could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
        {list.isSuccess && incidents.length === 0 && q && <EmptyState title={`No incident matches “${q}”`}>Titles, numbers and the names of what was in trouble were searched.</EmptyState>}
        {list.isSuccess && incidents.length === 0 && !q && which === 'open' && <EmptyState title="Nothing is in trouble that Tidings knows of">Only what a connected source or a person told is known here.</EmptyState>}
        {list.isSuccess && incidents.length === 0 && !q && which === 'all' && (
          <EmptyState title="No incident yet" command={command}>
            An incident opens when a source such as PagerDuty or Alertmanager pages, or with this command:
          </EmptyState>
        )}
        <ul ref={rows}>
          {incidents.map((incident) => (
            <Row key={incident.number} incident={incident} />
          ))}
        </ul>
        {list.hasNextPage && (
          <div className="p-5">
            <Button onClick={() => void list.fetchNextPage()}>Show more</Button>
          </div>
        )}
      </div>
    </Page>
  )
}

/** Hits of the ranking beside those of the plain order, so that nobody has to believe it. */
function TrackRecord() {
  const record = useTrackRecord().data
  if (!record || record.incidents === 0) return null
  const n = record.incidents
  return (
    <p className="ml-auto self-center truncate text-[12.5px] text-text-3 max-sm:hidden" title={`In ${record.missed} of them the cause was not in the ranking.`}>
      Of {n} {n === 1 ? 'incident whose cause is' : 'incidents whose causes are'} known, the first suspect was it in <b className="font-medium text-text">{record.ranker.first}</b>, one of the first three in{' '}
      <b className="font-medium text-text">{record.ranker.three}</b>; the latest change in {record.recency.first}
    </p>
  )
}

function Row({ incident }: { incident: IncidentLineFragment }) {
  const opened = Date.parse(incident.openedAt)
  const resolved = incident.status === 'resolved'
  return (
    <li className="flex min-h-14 items-center gap-4 border-b border-border px-5 py-2 hover:bg-hover max-sm:gap-3 max-sm:px-4">
      <TimeTip ms={opened}>
        <Link to="/i/$incident" params={{ incident: String(incident.number) }} search={keepShared} className="w-[52px] flex-none max-sm:w-12">
          <BothZones ms={opened} iso={incident.openedAt} />
        </Link>
      </TimeTip>
      <StatusGlyph status={resolved ? 'calm' : incident.status === 'open' ? 'crit' : 'warn'} label={resolved ? 'Resolved' : incident.status === 'open' ? 'Open' : 'Acknowledged'} />
      <span className="min-w-0 flex-1">
        <Link to="/i/$incident" params={{ incident: String(incident.number) }} search={keepShared} data-title className="block min-h-6 truncate leading-6 font-medium hover:underline max-sm:whitespace-normal" title={incident.title}>
          <span className="text-text-3 max-sm:sr-only">INC-{incident.number}</span> {incident.title}
        </Link>
        <span className="flex min-w-0 flex-wrap gap-x-2 overflow-hidden text-[12.5px] whitespace-nowrap text-text-3 max-sm:text-13 sm:h-5">
          <span aria-hidden className="text-text-2 sm:hidden">
            INC-{incident.number}
          </span>
          {incident.severity ? <span className="sm:hidden">SEV {incident.severity}</span> : null}
          {incident.subjects.slice(0, 3).map((subject) => (
            <span key={subject.ref}>{subject.name}</span>
          ))}
          {incident.subjects.length > 3 && <span>+{incident.subjects.length - 3}</span>}
          {incident.environment && <span>{incident.environment}</span>}
          <Age ms={opened} className="sm:hidden" />
        </span>
      </span>
      {incident.severity ? (
        <span className="flex max-sm:hidden">
          <Badge tone="outline">SEV {incident.severity}</Badge>
        </span>
      ) : null}
      <span className="w-28 flex-none text-right text-12 whitespace-nowrap text-text-3 max-sm:hidden">
        {resolved && incident.resolvedAt ? `lasted ${exactSpan(Math.max(0, Date.parse(incident.resolvedAt) - opened))}` : 'not resolved'}
      </span>
      <Age ms={opened} className="w-10 flex-none text-right text-12 text-text-3 max-sm:hidden" />
    </li>
  )
}
