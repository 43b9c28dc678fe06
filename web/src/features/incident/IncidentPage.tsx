import { BellRing, BookOpen, ExternalLink, Hash, Siren } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '@/components/Badge'
import { Button, buttonClass } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { Dotted } from '@/components/Dotted'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Time, TimeTip } from '@/components/Time'
import FailingSources from '@/features/feed/FailingSources'
import { SubjectLink, Who } from '@/features/feed/FeedRow'
import type { IncidentPartsFragment } from '@/gql/graphql'
import { Link, useParams } from '@/router'
import { useShortcuts } from '@/shell/keys'
import { Page } from '@/shell/Page'
import { keepShared } from '@/shell/search'
import { useMay } from '@/shell/viewer'
import { clockSeconds } from '@/time/format'
import { useZones } from '@/time/zones'
import { Impact } from './Impact'
import { PageOwner } from './PageOwner'
import { Picture } from './Picture'
import { Roles } from './Roles'
import { StatusBadge } from './StatusBadge'
import { askFor, Suspects } from './Suspects'
import { Timeline } from './Timeline'
import { useIncident } from './useIncident'

const crumbs = [{ label: 'Incidents', to: '/incidents' as const }]

/** One trouble at three in the morning: what could it be, whom to call, what was done. */
export default function IncidentPage() {
  const { incident: id } = useParams()
  const number = Number((id ?? '').replace(/^inc-/i, ''))
  if (!Number.isSafeInteger(number) || number < 1) {
    return (
      <Page title={id ?? ''} heading crumbs={crumbs} environments={false}>
        <EmptyState title="No such incident">An incident is called by its number, such as 482.</EmptyState>
      </Page>
    )
  }
  return <Known key={number} number={number} />
}

function Known({ number }: { number: number }) {
  const { query, incident, suspects, acknowledge, resolve, assign, note, page, judge } = useIncident(number)
  const may = useMay('incidents.respond')
  const [current, setCurrent] = useState(1)
  const [paging, setPaging] = useState<string | null>(null)
  const name = `INC-${number}`
  const ranking = suspects.data?.incident?.suspects
  const choose = (rank: number) => {
    setCurrent(rank)
    document.getElementById(`suspect-${rank}`)?.scrollIntoView({ block: 'nearest' })
  }
  const chosen = ranking?.suspects.find((s) => s.rank === current)
  const open = incident?.status !== 'resolved'
  useShortcuts([
    ...[1, 2, 3, 4, 5].map((rank) => ({ keys: String(rank), label: `Go to suspect ${rank}`, group: 'Incident', hidden: rank > 1, run: () => choose(rank) })),
    ...(may
      ? [
          { keys: 'y', label: 'It was this', group: 'Incident', run: () => chosen && judge.mutate({ event: chosen.event.id, finding: 'caused' }) },
          { keys: 'n', label: 'Not this', group: 'Incident', run: () => chosen && judge.mutate({ event: chosen.event.id, finding: 'dismissed' }) },
          { keys: 'a', label: 'Acknowledge', group: 'Incident', run: () => incident?.status === 'open' && acknowledge.mutate() },
          { keys: 'p', label: 'Page whoever is on call', group: 'Incident', run: () => open && setPaging('') },
        ]
      : []),
  ])
  const failed = acknowledge.error ?? resolve.error ?? assign.error ?? page.error ?? judge.error
  return (
    <Page title={name} mark={incident && open ? '●' : undefined} heading={!incident} crumbs={crumbs} environments={false}>
      {query.isPending && (
        <Loading what={name}>
          <div className="p-5">
            <Bar width="50%" />
            <Bar width="30%" />
          </div>
        </Loading>
      )}
      {query.isError && !incident && <ErrorState title={`${name} could not be loaded`} error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !incident && (
        <EmptyState title={`There is no ${name}`}>
          The number may be mistyped. All incidents are <Link to="/incidents" search={keepShared} className="link underline underline-offset-2">in the list</Link>.
        </EmptyState>
      )}
      {incident && (
        <>
          <Header incident={incident} may={may} onAcknowledge={() => acknowledge.mutate()} onResolve={() => resolve.mutate()} onPage={() => setPaging('')} busy={acknowledge.isPending || resolve.isPending} />
          {paging !== null && (
            <PageOwner
              pagers={incident.pagers}
              what={incident.subjects.map((s) => s.name).join(', ') || incident.title}
              busy={page.isPending}
              onPage={(source, text) => page.mutate({ source, text }, { onSuccess: () => setPaging(null) })}
              text={paging}
              onClose={() => setPaging(null)}
            />
          )}
          {failed && (
            <p role="alert" className="flex-none border-b border-border bg-crit-weak px-5 py-1.5 text-crit max-sm:px-4">
              {failed.message}
            </p>
          )}
          <FailingSources />
          <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,517fr)_minmax(0,671fr)] max-lg:block max-lg:overflow-y-auto">
            <div className="scroll-thin min-h-0 border-r border-border max-lg:border-r-0">
              {suspects.isPending && (
                <Loading what="the suspects">
                  <div className="p-5">
                    <Bar width="70%" />
                    <Bar width="55%" />
                    <Bar width="80%" />
                  </div>
                </Loading>
              )}
              {suspects.isError && !ranking && <ErrorState title="The suspects could not be ranked" error={suspects.error} onRetry={() => void suspects.refetch()} />}
              {suspects.isSuccess && !ranking && <EmptyState title="No service is named yet">Until it is known what is in trouble, no change can be a suspect.</EmptyState>}
              {ranking && <Suspects
                  ranking={ranking}
                  current={current}
                  onCurrent={choose}
                  onJudge={may ? (event, finding) => judge.mutate({ event, finding }) : undefined}
                  onPage={may && open && incident.pagers.length > 0 ? (suspect) => setPaging(askFor(suspect)) : undefined}
                />}
            </div>
            <div className="scroll-thin min-h-0">
              {ranking && <Picture ranking={ranking} mark={incident.onsetBy === 'page' ? 'Page' : 'Began'} current={current} onCurrent={choose} />}
              <Roles roles={incident.roles} open={open} busy={assign.isPending} onAssign={may ? (role, person) => assign.mutate({ role, person }) : undefined} />
              <Timeline entries={incident.timeline} onNote={may ? (text) => note.mutateAsync(text) : undefined} failed={note.error} />
            </div>
          </div>
          <PhoneActions incident={incident} may={may} onAcknowledge={() => acknowledge.mutate()} onPage={() => setPaging('')} busy={acknowledge.isPending} />
        </>
      )}
    </Page>
  )
}

type HeaderProps = { incident: IncidentPartsFragment; may: boolean; onAcknowledge: () => void; onResolve: () => void; onPage: () => void; busy: boolean }

function Header({ incident, may, onAcknowledge, onResolve, onPage, busy }: HeaderProps) {
  const { primary, secondary } = useZones()
  const paged = Date.parse(incident.openedAt)
  const open = incident.status !== 'resolved'
  const runbook = incident.links.find((l) => l.type === 'runbook')
  const talk = incident.conversations.find((c) => c.url)
  const elsewhere = incident.links.find((l) => l.type === 'incident' && l.title)
  const acknowledged = incident.timeline.find((e) => e.kind === 'acknowledged')
  return (
    <div className="flex flex-none items-start gap-4 border-b border-border px-5 py-4 max-sm:block max-sm:px-4 max-sm:py-3">
      <span className={cx('grid size-10 flex-none place-items-center rounded-8 max-sm:hidden', open ? 'bg-crit-solid text-on-crit' : 'border border-border-strong text-text-2')}>
        <Icon of={Siren} size={20} />
      </span>
      <div className="min-w-0 flex-1">
        <h1 className="text-[18px] leading-6 font-semibold tracking-[-0.015em] [overflow-wrap:anywhere] max-sm:text-20">
          <span className="sr-only">INC-{incident.number}: </span>
          {incident.title}
        </h1>
        <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-text-2">
          <StatusBadge incident={incident} />
          {incident.severity ? <Badge tone="outline">SEV {incident.severity}</Badge> : null}
          {incident.environment && <Badge tone="outline">{incident.environment}</Badge>}
          <Dotted className="max-sm:w-full">
            <span>
              Paged{' '}
              <TimeTip ms={paged} hint="c to copy">
                <time dateTime={incident.openedAt} tabIndex={0}>
                  <b className="font-semibold text-text">{clockSeconds(paged, primary.id)}</b>
                  {primary.id !== secondary.id && (
                    <>
                      {' '}
                      (<b className="font-semibold text-text">{clockSeconds(paged, secondary.id)}</b> {secondary.label})
                    </>
                  )}
                </time>
              </TimeTip>
            </span>
            {incident.onsetBy !== 'page' && Math.abs(Date.parse(incident.onset) - paged) > 5000 && (
              <span>
                began <Time iso={incident.onset} />
                {incident.onsetBy === 'signal' && ', by what was seen'}
              </span>
            )}
            {incident.subjects.map((subject) => (
              <SubjectLink key={subject.ref} subject={subject} />
            ))}
            {elsewhere && (
              <a href={elsewhere.url} target="_blank" rel="noreferrer" data-out className="link inline-flex items-center gap-1">
                {elsewhere.title}
                <Icon of={ExternalLink} size={12} />
              </a>
            )}
            {acknowledged && (
              <span className="inline-flex items-center gap-2">
                <Who event={{ actor: acknowledged.by }} brief /> acknowledged <Time iso={acknowledged.at} />
              </span>
            )}
          </Dotted>
        </div>
        <Impact incident={incident} />
        {incident.mergedInto && (
          <p className="mt-1">
            It turned out to be{' '}
            <Link to="/i/$incident" params={{ incident: String(incident.mergedInto) }} search={keepShared} className="link">
              INC-{incident.mergedInto}
            </Link>
            .
          </p>
        )}
      </div>
      <div className="flex flex-none gap-2 max-sm:hidden">
        {talk && (
          <a href={talk.url} target="_blank" rel="noreferrer" data-out className={buttonClass()}>
            <Icon of={Hash} className="text-text-3" />
            {talk.channel}
          </a>
        )}
        {runbook && (
          <a href={runbook.url} target="_blank" rel="noreferrer" data-out className={buttonClass()}>
            <Icon of={BookOpen} className="text-text-3" />
            Runbook
          </a>
        )}
        {may && open && incident.pagers.length > 0 && (
          <Button onClick={onPage}>
            <Icon of={BellRing} className="text-text-3" />
            Page
          </Button>
        )}
        {may && incident.status === 'open' && (
          <Button look="primary" disabled={busy} onClick={onAcknowledge}>
            Acknowledge
          </Button>
        )}
        {may && open && (
          <Button disabled={busy} onClick={onResolve}>
            Resolve
          </Button>
        )}
      </div>
    </div>
  )
}

/** Within reach of a thumb. */
function PhoneActions({ incident, may, onAcknowledge, onPage, busy }: { incident: IncidentPartsFragment; may: boolean; onAcknowledge: () => void; onPage: () => void; busy: boolean }) {
  const runbook = incident.links.find((l) => l.type === 'runbook')
  const talk = incident.conversations.find((c) => c.url)
  const takes = may && incident.status === 'open'
  const pages = may && incident.status !== 'resolved' && incident.pagers.length > 0
  if (!takes && !pages && !runbook && !talk) return null
  const square = 'grid size-[52px] flex-none place-items-center rounded-[10px] border border-border-strong'
  return (
    <div className="flex flex-none gap-2.5 border-t border-border px-4 py-3 sm:hidden">
      {runbook && (
        <a href={runbook.url} target="_blank" rel="noreferrer" aria-label="Runbook" className={square}>
          <Icon of={BookOpen} size={20} />
        </a>
      )}
      {talk && (
        <a href={talk.url} target="_blank" rel="noreferrer" aria-label={`Chat: ${talk.channel}`} className={square}>
          <Icon of={Hash} size={20} />
        </a>
      )}
      {pages && (
        <button type="button" aria-label="Page whoever is on call" onClick={onPage} className={square}>
          <Icon of={BellRing} size={20} />
        </button>
      )}
      {takes && (
        <button type="button" disabled={busy} onClick={onAcknowledge} className="grid h-[52px] flex-1 place-items-center rounded-[10px] bg-accent-solid text-[16px] font-semibold text-on-accent">
          Acknowledge
        </button>
      )}
    </div>
  )
}
