import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@/router'
import { lazy, type ReactNode, Suspense, useMemo } from 'react'
import { Badge, Tag } from '@/components/Badge'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { FromTo } from '@/components/shapes'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { TimeDetails } from '@/components/Time'
import { request } from '@/data/client'
import { EventDetailDocument, EventStoryDocument, type EventStoryQuery, type EventDetailQuery, type EventStepFragment } from '@/gql/graphql'
import { keepShared } from '@/shell/search'
import { useKinds } from '@/shell/viewer'
import { clockSeconds, day, exactSpan } from '@/time/format'
import { useZones } from '@/time/zones'
import { Dark, OutLink, openHere, SubjectLink, Who } from './FeedRow'
import { kindIcon } from './kinds'
import { describe, stepTitle, type Tone } from './wording'

const Markdown = lazy(() => import('@/components/Markdown'))

type Event = NonNullable<EventDetailQuery['event']>

type Props = {
  id: string
  /** Opens another event in the same place; absent on the page of its own. */
  onOpen?: (id: string) => void
}

const tones: Record<Tone, string> = {
  plain: 'text-text-2 shadow-[inset_0_0_0_1px_var(--border-strong)]',
  running: 'text-accent shadow-[inset_0_0_0_1.5px_var(--accent)]',
  warn: 'bg-warn-weak text-warn shadow-[inset_0_0_0_1px_var(--warn-border)]',
  crit: 'bg-crit-solid text-on-crit',
}

/** Everything known of one event: what, who, when and how it was learned. */
export function EventDetail({ id, onOpen }: Props) {
  const query = useQuery({
    queryKey: ['event', id],
    queryFn: ({ signal }) => request(EventDetailDocument, { id }, signal),
  })
  if (query.isPending) {
    return (
      <Loading what="the change">
        <Bar width="60%" />
        <Bar width="40%" />
        <Bar width="75%" />
      </Loading>
    )
  }
  if (query.isError) return <ErrorState title="The change could not be loaded" error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data.event) {
    return <EmptyState title="No such change">The link may be cut short, or the change may be older than what is kept.</EmptyState>
  }
  return <Known event={query.data.event} onOpen={onOpen} />
}

function Known({ event, onOpen }: { event: Event; onOpen?: (id: string) => void }) {
  const kinds = useKinds()
  const line = useMemo(() => {
    const subjects = event.subjects
    return describe({ id: event.id, shape: 'event', count: 1, subjects, subjectCount: subjects.length, dark: event.dark, distance: null, event, events: [] }, kinds)
  }, [event, kinds])
  const facts: [string, ReactNode][] = [
    ['Phase', <Phases key="phases" event={event} />],
    ['Who', <Who key="who" event={event} />],
    ['Environment', event.environment],
    ['Region', event.region && <code>{event.region}</code>],
    ['Cluster', event.cluster && <code>{event.cluster}</code>],
    ['Version', event.version && <FromTo from={event.previous || undefined} to={event.version} />],
    ['Commit', event.commit && <code className="break-all">{event.commit}</code>],
    ['Exposure', event.exposure !== null && <Exposure key="exposure" event={event} />],
    ['Source', <Source key="source" event={event} />],
    ['Received', <Received key="received" event={event} />],
    ['Hidden', event.redacted.length > 0 && <Redacted key="redacted" fields={event.redacted} />],
  ]
  return (
    <div>
      <div className="flex items-start gap-3">
        <span className={cx('mt-px grid size-[26px] flex-none place-items-center rounded-full', tones[line.tone])} title={line.kindTitle}>
          <Icon of={kindIcon(line.icon)} />
        </span>
        <div className="min-w-0">
          <h2 className="text-[17px] leading-[22px] tracking-[-0.015em] [overflow-wrap:anywhere]">{event.title}</h2>
          <div className="mt-1 flex flex-wrap items-center gap-1.5 text-[12.5px] text-text-3">
            <span>{event.kind.charAt(0).toUpperCase() + event.kind.slice(1)}</span>
            {line.parts.map((part) =>
              part.type === 'badge' ? (
                <Badge key={part.text} tone={part.tone} title={part.title}>
                  {part.text}
                </Badge>
              ) : part.type === 'dark' ? (
                <Dark key="dark" cluster={part.cluster} />
              ) : null,
            )}
          </div>
        </div>
      </div>
      <Section title={event.subjects.length > 1 ? `About ${event.subjects.length}` : 'About'}>
        <div className="flex flex-wrap gap-x-3 gap-y-1">
          {event.subjects.map((subject) => (
            <SubjectLink key={subject.ref} subject={subject} />
          ))}
        </div>
      </Section>
      <Section title="When">
        <TimeDetails ms={Date.parse(event.startedAt)} />
        {event.endedAt && Date.parse(event.endedAt) > Date.parse(event.startedAt) && (
          <p className="mt-1 text-text-2">Took {exactSpan(Date.parse(event.endedAt) - Date.parse(event.startedAt))}.</p>
        )}
      </Section>
      <Section title="Known of it">
        <dl>
          {facts
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <div key={name} className="flex min-h-6 leading-6">
                <dt className="w-[104px] flex-none text-text-3">{name}</dt>
                <dd className="min-w-0">{value}</dd>
              </div>
            ))}
        </dl>
      </Section>
      {event.links.length > 0 && (
        <Section title="Links">
          <ul className="flex flex-wrap gap-x-4 gap-y-1">
            {event.links.map((link) => (
              <li key={link.url} className="min-w-0">
                <OutLink link={link} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {event.diff.length > 0 && (
        <Section title={event.diff.length === 1 ? 'What changed' : `What changed (${event.diff.length})`}>
          <Diff event={event} />
        </Section>
      )}
      {event.detail && (
        <Section title="Detail">
          <Suspense fallback={<p className="[overflow-wrap:anywhere] whitespace-pre-wrap text-text-2">{event.detail}</p>}>
            <Markdown>{event.detail}</Markdown>
          </Suspense>
        </Section>
      )}
      {event.labels.length > 0 && (
        <Section title="Labels">
          <div className="flex flex-wrap gap-[5px]">
            {event.labels.map((label) => (
              <Tag key={label.key} name={label.key} value={label.value} />
            ))}
          </div>
        </Section>
      )}
      {event.story && <Story id={event.story} current={event.id} onOpen={onOpen} />}
    </div>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mt-[15px] mb-[5px] text-12 font-medium text-text-3">{title}</h3>
      {children}
    </section>
  )
}

function Phases({ event }: { event: Event }) {
  const { primary } = useZones()
  const history = event.history.length > 0 ? event.history : [{ phase: event.phase, at: event.startedAt, receivedAt: event.receivedAt }]
  return (
    <ol>
      {history.map((step, i) => (
        <li key={i}>
          {step.phase} <time dateTime={step.at} className="text-text-3">{clockSeconds(Date.parse(step.at), primary.id)}</time>
        </li>
      ))}
    </ol>
  )
}

function Exposure({ event }: { event: Event }) {
  const { primary } = useZones()
  if (event.ramp.length === 0) return <>{event.exposure} %</>
  return (
    <ol>
      {event.ramp.map((step) => (
        <li key={step.at + step.exposure}>
          {step.exposure} % <time dateTime={step.at} className="text-text-3">{clockSeconds(Date.parse(step.at), primary.id)}</time>
        </li>
      ))}
    </ol>
  )
}

function Source({ event }: { event: Event }) {
  return (
    <>
      {event.source} <code className="break-all text-text-3">{event.key}</code>
      {event.recordedBy && <span className="block text-text-3">recorded by {event.recordedBy}</span>}
    </>
  )
}

function Received({ event }: { event: Event }) {
  const { primary } = useZones()
  const at = Date.parse(event.receivedAt)
  const after = at - Date.parse(event.startedAt)
  return (
    <>
      {day(at, primary.id, Date.now())}, {clockSeconds(at, primary.id)}
      <span className={cx('block', Math.abs(after) > 60_000 ? 'text-warn' : 'text-text-3')}>
        {after >= 0 ? `${exactSpan(after)} after it happened` : `${exactSpan(-after)} before it happened: the source's clock is ahead`}
      </span>
    </>
  )
}

function Redacted({ fields }: { fields: string[] }) {
  return (
    <>
      What looked like a secret was taken out of{' '}
      {fields.map((field, i) => (
        <span key={field}>
          {i > 0 && ', '}
          <code className="[overflow-wrap:anywhere]">{field}</code>
        </span>
      ))}
      . If it was one, it has been on its way: change it.
    </>
  )
}

function Diff({ event }: { event: Event }) {
  // Values of secrets never come in; what is compared are fingerprints, which say nothing to a reader.
  const hidden = event.kind === 'secret'
  return (
    <div className="overflow-x-auto rounded-8 border border-border">
      <table className="w-full border-collapse text-left font-mono text-12 tracking-[-0.02em] [&_td]:px-2.5 [&_td]:py-1.5 [&_td]:align-top [&_tr:not(:last-child)_td]:border-b [&_tr:not(:last-child)_td]:border-border">
        <thead className="sr-only">
          <tr>
            <th>Field</th>
            <th>Old</th>
            <th>New</th>
          </tr>
        </thead>
        <tbody>
          {event.diff.map((entry) => (
            <tr key={entry.field}>
              <td className="bg-sunken text-text-2">{entry.field}</td>
              {hidden ? (
                <td colSpan={2} className="text-text-3">
                  value hidden
                </td>
              ) : (
                <>
                  <td className="[overflow-wrap:anywhere] text-text-3">{entry.old && <del>{entry.old}</del>}</td>
                  <td className="[overflow-wrap:anywhere] font-medium">{entry.new}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Story({ id, current, onOpen }: { id: string; current: string; onOpen?: (id: string) => void }) {
  const navigate = useNavigate()
  const { primary } = useZones()
  const kinds = useKinds()
  const query = useQuery({ queryKey: ['story', id], queryFn: ({ signal }) => request(EventStoryDocument, { id }, signal) })
  const events = query.data?.story ?? []
  if (events.length < 2) return null
  const steps = new Map((query.data?.storySteps ?? []).map((step) => [step.event.id, step]))
  const last = query.data?.storySteps.findLast((step) => step.succeeded)
  const open = onOpen ?? ((event: string) => void navigate({ to: '/e/$event', params: { event }, search: keepShared }))
  return (
    <Section title={`Its story, ${events.length} events`}>
      <ol className="border-l-2 border-border pl-3">
        {events.map((event: EventStepFragment) => (
          <li key={event.id} className="flex min-h-7 items-center gap-2.5 text-[12.5px]">
            <time dateTime={event.startedAt} className="flex-none text-text-3">
              {clockSeconds(Date.parse(event.startedAt), primary.id)}
            </time>
            <Icon of={kindIcon(kinds.get(event.kind)?.icon)} size={13} className="text-text-3" />
            {event.id === current ? (
              <b className="truncate font-medium">{stepTitle(event)}</b>
            ) : (
              <Link
                to="/e/$event"
                params={{ event: event.id }}
                search={keepShared}
                onClick={(e) => openHere(e, () => open(event.id))}
                className="truncate text-text-2 hover:underline"
              >
                {stepTitle(event)}
              </Link>
            )}
            {event.phase !== 'succeeded' && <Badge tone={event.phase === 'failed' ? 'warn' : 'plain'}>{event.phase}</Badge>}
            <Lead step={steps.get(event.id)} />
          </li>
        ))}
      </ol>
      {last && last.leadSeconds > 0 && (
        <p className="mt-1 text-12 text-text-3">
          {exactSpan(last.leadSeconds * 1000)} from the first step to {last.step}.
        </p>
      )}
    </Section>
  )
}

/** How long a step came after the one before it, and how long it took itself. */
function Lead({ step }: { step: EventStoryQuery['storySteps'][number] | undefined }) {
  if (!step || (step.sinceSeconds == null && step.tookSeconds == null)) return null
  const words = [step.sinceSeconds != null && `${step.step} ${exactSpan(step.sinceSeconds * 1000)} after the step before it`, step.tookSeconds != null && `took ${exactSpan(step.tookSeconds * 1000)}`].filter(Boolean).join(', ')
  return (
    <span className="ml-auto flex-none text-12 text-text-3" title={words}>
      <span aria-hidden>{step.sinceSeconds != null ? `+${exactSpan(step.sinceSeconds * 1000)}` : exactSpan(step.tookSeconds! * 1000)}</span>
      <span className="sr-only">{words}</span>
    </span>
  )
}
