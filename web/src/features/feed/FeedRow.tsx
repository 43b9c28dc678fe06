import { Link } from '@/router'
import { ArrowUpRight, Check, ChevronRight, CornerDownRight, EyeOff, X } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import { Avatar } from '@/components/Avatar'
import { Badge, Tag } from '@/components/Badge'
import { IconButton } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { Changed, FromTo, Meter, Pods, Sep } from '@/components/shapes'
import { Age, BothZones, TimeTip } from '@/components/Time'
import { Tooltip } from '@/components/Tooltip'
import type { FeedLineFragment } from '@/gql/graphql'
import { keepShared } from '@/shell/search'
import { clock, clockSeconds, span } from '@/time/format'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'
import { kindIcon } from './kinds'
import { type Mark, useMark } from './marks'
import { hiddenKids, type Item, secondLine, thirdLine } from './layout'
import { type Line, type Part, type Shape, type Step } from './wording'

type RowItem = Extract<Item, { type: 'row' }>

type Props = {
  item: RowItem
  current: boolean
  selected: boolean
  setSize: number
  showEnvironment: boolean
  onToggle: (id: string) => void
  onOpen: (eventId: string) => void
}

const disc = {
  plain: 'bg-surface text-text-2 shadow-[inset_0_0_0_1px_var(--border-strong)]',
  running: 'bg-surface text-accent shadow-[inset_0_0_0_1.5px_var(--accent)]',
  warn: 'bg-warn-weak text-warn shadow-[inset_0_0_0_1px_var(--warn-border)]',
  crit: 'bg-crit-solid text-on-crit',
  suspect: 'bg-accent-solid text-on-accent',
}

/** One line of the feed. Its height is fixed beforehand (layout.ts), so nothing in it wraps. */
export const FeedRow = memo(function FeedRow({ item, current, selected, setSize, showEnvironment, onToggle, onOpen }: Props) {
  const { row, line, ms, open } = item
  const { event } = row
  const title = `row-${row.id}`
  const mark = useMark(row)
  return (
    <article
      aria-posinset={item.position + 1}
      aria-setsize={setSize}
      aria-labelledby={title}
      tabIndex={current ? 0 : -1}
      data-row={row.id}
      style={{ height: item.height }}
      onClick={(e) => {
        // The whole row opens; what is a control in it keeps its own meaning, and so does marked text.
        if (e.target instanceof Element && e.target.closest('a, button, summary')) return
        if (getSelection()?.toString()) return
        onOpen(event.id)
      }}
      className={cx(
        // Nothing in a row reaches out of it, so the browser need look at no other when one comes or goes.
        'relative grid cursor-default contain-strict grid-cols-[54px_40px_minmax(0,1fr)_auto] grid-rows-[auto] content-start px-5 py-[7px] outline-offset-[-2px] focus-visible:rounded-none max-sm:grid-cols-[46px_38px_minmax(0,1fr)] max-sm:py-[9px] max-sm:pr-4 max-sm:pl-2',
        selected ? 'bg-selected before:absolute before:inset-y-0 before:left-0 before:w-0.5 before:bg-accent' : 'hover:bg-hover',
      )}
    >
      <TimeTip ms={ms} hint="c to copy">
        <Link to="/e/$event" params={{ event: event.id }} search={keepShared} className="block pt-px text-right" onClick={(e) => openHere(e, () => onOpen(event.id))}>
          <BothZones ms={ms} iso={event.startedAt} />
        </Link>
      </TimeTip>
      <div className="relative flex justify-center before:absolute before:-inset-y-2 before:left-1/2 before:-ml-[.5px] before:w-px before:bg-border max-sm:before:-inset-y-2.5">
        <span className={cx('relative -mt-px grid size-[26px] place-items-center rounded-full max-sm:size-7', mark ? disc.suspect : disc[line.tone])} title={line.kindTitle}>
          <Icon of={kindIcon(line.icon)} />
          <span className="sr-only">
            {line.kindTitle}
            {line.tone === 'crit' ? ', critical' : line.tone === 'warn' ? ', warning' : line.tone === 'running' ? ', under way' : ''}
          </span>
        </span>
      </div>
      <div className="flex min-w-0 flex-col pr-4 max-sm:pr-0">
        <Head id={title} line={line} distance={row.distance} mark={mark} />
        <Meta row={row} line={line} showEnvironment={showEnvironment} />
        {line.steps.length > 0 && <Steps steps={line.steps} />}
      </div>
      <div className="flex h-[22px] items-center gap-3 whitespace-nowrap max-sm:col-start-3 max-sm:h-[26px] max-sm:pt-1 max-sm:[&:not(:has([data-shape]))]:absolute max-sm:[&:not(:has([data-shape]))]:top-2.5 max-sm:[&:not(:has([data-shape]))]:right-3">
        {line.shape && <ShapeView shape={line.shape} selected={selected} />}
        {row.count > 1 && (
          <IconButton
            label={open ? 'Hide its events' : `Show its ${row.count} events`}
            aria-expanded={open}
            onClick={() => onToggle(row.id)}
            className="-my-1 max-sm:!size-6"
          >
            <Icon of={ChevronRight} className={cx('transition-transform', open && 'rotate-90')} />
          </IconButton>
        )}
        <Age ms={ms} className="min-w-[38px] text-right text-12 leading-5 text-text-3 max-sm:hidden" />
      </div>
      {open && <Kids row={row} onOpen={onOpen} />}
    </article>
  )
})

/** A plain click opens beside the list; any other click stays the browser's. */
export function openHere(event: React.MouseEvent, open: () => void) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  open()
}

function Head({ id, line, distance, mark }: { id: string; line: Line; distance: number | null; mark: Mark | undefined }) {
  const breaks = secondLine(line)
  const values = line.parts.findIndex((part) => part.type === 'fromTo' || part.type === 'code')
  const cut = values > 0 ? values : 0
  const bold = line.group ?? null
  // With nothing before them the words take both lines.
  const tall = thirdLine(line)
  const whole = tall || (breaks && !line.subject && !bold && values < 0)
  return (
    <h2
      id={id}
      className={cx(
        '-my-px flex min-h-6 items-center gap-x-1.5 overflow-hidden py-px leading-5 whitespace-nowrap max-sm:flex-wrap max-sm:leading-[22px]',
        tall ? 'max-sm:h-[68px] max-sm:content-start' : breaks ? 'max-sm:h-[46px]' : 'max-sm:h-6',
        whole && !tall && 'max-sm:items-start',
        line.subject || line.group ? 'font-normal' : 'font-medium',
      )}
    >
      {bold && <b className="flex-none">{bold}</b>}
      {line.subject && <SubjectLink subject={line.subject} />}
      {mark && <Suspect mark={mark} />}
      {breaks && <Distance steps={distance} className="sm:hidden" />}
      {line.parts.map((part, i) => (
        <PartView key={i} part={part} start={breaks && (tall || !whole) && i === cut} whole={whole} />
      ))}
      <Distance steps={distance} className={breaks ? 'max-sm:hidden' : ''} />
    </h2>
  )
}

/** Leads to the incident; why it is suspected is told on focus. */
function Suspect({ mark }: { mark: Mark }) {
  return (
    <Tooltip content={() => `Suspect ${mark.rank} of INC-${mark.incident}${mark.reason && `: ${mark.reason}`}`}>
      <Link to="/i/$incident" params={{ incident: String(mark.incident) }} search={keepShared} className="flex-none hover:underline">
        <Badge tone="accent">{mark.subject ? `${mark.subject} is suspect ${mark.rank}` : `Suspect ${mark.rank}`}</Badge>
      </Link>
    </Tooltip>
  )
}

function Distance({ steps, className }: { steps: number | null; className: string }) {
  if (!steps) return null
  return (
    <span className={cx('inline-flex flex-none items-center gap-[3px] text-[11.5px] text-text-3', className)}>
      <Icon of={CornerDownRight} size={11} />
      dependency{steps > 1 && `, ${steps} steps`}
    </span>
  )
}

export function SubjectLink({ subject, className }: { subject: FeedLineFragment['subjects'][number]; className?: string }) {
  const look = cx('flex-none font-semibold hover:underline', className)
  if (!subject.claimed || !subject.kind) {
    return (
      <Link to="/unclaimed" search={keepShared} className={look}>
        {subject.name}
      </Link>
    )
  }
  if (subject.kind === 'service') {
    return (
      <Link to="/s/$service" params={{ service: subject.name }} search={keepShared} className={look}>
        {subject.name}
      </Link>
    )
  }
  return (
    <Link to="/r/$kind/$name" params={{ kind: subject.kind, name: subject.name }} search={keepShared} className={look}>
      {subject.name}
    </Link>
  )
}

export function PartView({ part, start, whole }: { part: Part; start: boolean; /** Whether it may take two lines. */ whole?: boolean }) {
  // On a phone the values open a line of their own.
  const br = start && <span aria-hidden className="h-0 basis-full sm:hidden" />
  switch (part.type) {
    case 'text':
      return (
        <>
          {br}
          <span className={cx('min-w-0 truncate', whole && 'max-sm:line-clamp-2 max-sm:whitespace-normal')} title={part.text.length > 8 ? part.text : undefined}>
            {part.text}
          </span>
        </>
      )
    case 'code':
      return (
        <>
          {br}
          <code title={part.text.length > 12 ? part.text : undefined} className="min-w-0 truncate text-[12.5px] font-medium max-sm:text-14">{part.text}</code>
        </>
      )
    case 'fromTo':
      return (
        <>
          {br}
          <FromTo from={part.from} to={part.to} />
        </>
      )
    case 'dark':
      return <Dark cluster={part.cluster} />
    case 'badge':
      return (
        <Badge tone={part.tone} title={part.title}>
          {part.text}
        </Badge>
      )
  }
}

/** The mark of a change that was seen and that nobody told of, with what that means. */
export function Dark({ cluster }: { cluster: string }) {
  const where = cluster ? `in the cluster ${cluster}` : 'by looking'
  return (
    <Tooltip
      content={() => (
        <span className="block max-w-64 text-text-2">
          <b className="block font-medium text-text">Dark change</b>
          Seen {where}, told by nobody: no pipeline or tool said that it would happen.
        </span>
      )}
    >
      <button type="button" className="inline-flex h-[19px] flex-none cursor-default items-center gap-1 rounded-4 border border-dashed border-border-control px-1.5 text-[11.5px] leading-none font-medium text-text-2">
        <Icon of={EyeOff} size={11} />
        dark<span className="sr-only">: seen {where}, told by nobody</span>
      </button>
    </Tooltip>
  )
}

function Meta({ row, line, showEnvironment }: { row: FeedLineFragment; line: Line; showEnvironment: boolean }) {
  const { event } = row
  const items: ReactNode[] = [<Who key="who" event={event} brief />]
  if (line.said) {
    items.push(
      <span key="said" className="max-w-[56ch] truncate max-sm:max-w-[24ch]" title={line.said.text}>
        {line.said.quoted ? `“${line.said.text}”` : line.said.text}
      </span>,
    )
  }
  if (event.region && !line.said?.text.includes(event.region)) items.push(<code key="region">{event.region}</code>)
  for (const fact of line.facts) items.push(<span key={fact}>{fact}</span>)
  if (line.added !== null || line.removed !== null) items.push(<Lines key="lines" added={line.added} removed={line.removed} />)
  for (const link of event.links.slice(0, 2)) items.push(<OutLink key={link.url} link={link} />)
  if (showEnvironment && event.environment) items.push(<span key="env">{event.environment}</span>)
  if (line.late !== null) {
    items.push(
      <span key="late" className="text-warn">
        {line.late > 0 ? `arrived ${span(line.late)} late` : `its clock is ${span(-line.late)} ahead`}
      </span>,
    )
  }
  // What does not fit goes to a second line that is never seen: facts are dropped whole, not cut.
  return (
    <div className="-my-0.5 flex h-6 flex-wrap items-center overflow-hidden text-[12.5px] leading-5 whitespace-nowrap text-text-3 max-sm:text-[13.5px]">
      {items.map((item, i) => (
        <span key={i} className="inline-flex h-6 max-w-full flex-none items-center gap-[7px] pr-[7px]">
          {i > 0 && <Sep />}
          {item}
        </span>
      ))}
    </div>
  )
}

export function Who({ event, brief }: { event: Pick<FeedLineFragment['event'], 'actor'>; brief?: boolean }) {
  const { actor } = event
  const kind = actor.type === 'person' || actor.type === 'automation' ? actor.type : 'unknown'
  const name = actor.person?.title || actor.name || 'unknown'
  const person = actor.person
  return (
    <span className="inline-flex items-center gap-1.5">
      <Avatar kind={actor.name ? kind : 'unknown'} name={name} />
      {person && !brief ? (
        <Link to="/r/$kind/$name" params={{ kind: 'person', name: person.name }} search={keepShared} className="text-text-2 hover:underline">
          {name}
        </Link>
      ) : (
        <span className="text-text-2">{name}</span>
      )}
      {actor.via && <span className={cx(brief && 'max-sm:hidden')}> via {actor.via}</span>}
    </span>
  )
}

export function Lines({ added, removed }: { added: number | null; removed: number | null }) {
  return (
    <span>
      {added !== null && (
        <span className="text-ok">
          +{added}
          <span className="sr-only"> lines</span>
        </span>
      )}
      {removed !== null && (
        <span className="ml-[5px] text-crit">
          −{removed}
          <span className="sr-only"> lines</span>
        </span>
      )}
    </span>
  )
}

export function OutLink({ link }: { link: { type: string; title: string; url: string } }) {
  const words = link.title || linkWords(link.type) || new URL(link.url).hostname
  return (
    <a href={link.url} target="_blank" rel="noreferrer" data-out className="inline-flex items-center gap-0.5 link">
      {words}
      <Icon of={ArrowUpRight} size={12} stroke={2} />
    </a>
  )
}

const linkWords = (type: string) => type.charAt(0).toUpperCase() + type.slice(1).replaceAll(/[_-]/g, ' ')

const stepLook: Record<Step['state'], string> = {
  done: 'bg-sunken text-text-2 shadow-[inset_0_0_0_1px_var(--border-strong)]',
  running: 'shadow-[inset_0_0_0_2px_var(--accent)]',
  live: 'bg-text-2',
  waiting: 'border-[1.5px] border-dashed border-border-control',
  failed: 'bg-warn-weak text-warn shadow-[inset_0_0_0_1px_var(--warn-border)]',
}
const stepWord: Record<Step['state'], string> = { done: '', running: ', under way', live: ', live now', waiting: ', planned', failed: '' }

function Steps({ steps }: { steps: Step[] }) {
  const { primary } = useZones()
  const furthest = steps.findLastIndex((step) => step.state !== 'waiting')
  return (
    <ol className="mt-1 flex h-5 flex-wrap items-center overflow-hidden text-12 leading-5 text-text-2 max-sm:text-13">
      {steps.map((step, i) => {
        // Where there is little room only the furthest step has words, and what failed: the others are their marks.
        const brief = i !== furthest && step.state !== 'failed'
        return (
          <li
            key={step.id}
            className={cx(
              'flex flex-none items-center gap-[5px] whitespace-nowrap not-first:before:mx-2 not-first:before:h-px not-first:before:w-[22px] not-first:before:bg-border-control not-first:before:opacity-55 @max-[640px]:not-first:before:mx-[5px] @max-[640px]:not-first:before:w-3',
              (step.state === 'live' || step.state === 'running') && 'font-medium text-text',
              step.state === 'waiting' && 'text-text-3',
            )}
          >
            <span className={cx('grid size-3.5 place-items-center rounded-full forced-color-adjust-none', stepLook[step.state])}>
              {step.state === 'done' && <Icon of={Check} size={9} stroke={3.5} />}
              {step.state === 'failed' && <Icon of={X} size={9} stroke={3.5} />}
              {step.state === 'live' && <span className="size-[5px] rounded-full bg-surface" />}
            </span>
            <span className={cx(brief && '@max-[640px]:sr-only')}>{step.label}</span>
            <span className="sr-only">{stepWord[step.state]}</span>
            {step.at !== null && <StepTime at={step.at} running={step.state === 'running'} zone={primary.id} brief={brief} />}
          </li>
        )
      })}
    </ol>
  )
}

function StepTime({ at, running, zone, brief }: { at: number; running: boolean; zone: string; brief: boolean }) {
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} className={cx('font-normal text-text-3', brief && '@max-[640px]:hidden')}>
      {running && now - at < 60_000 ? 'now' : clock(at, zone)}
    </time>
  )
}

/** On a row that is narrow and has no line for it a shape gives way to the words, whole: the panel beside the list has it. */
const roomy = 'sm:@max-[640px]:hidden'

function ShapeView({ shape, selected }: { shape: Shape; selected: boolean }) {
  switch (shape.type) {
    case 'meter':
      return (
        <span data-shape className={cx(roomy, 'inline-flex')}>
          <Meter from={shape.from} to={shape.to} />
        </span>
      )
    case 'pods':
      return Math.max(shape.from, shape.to) > 20 ? null : (
        <span data-shape className={cx(roomy, 'inline-flex')}>
          <Pods from={shape.from} to={shape.to} />
        </span>
      )
    case 'changed':
      return (
        <span data-shape className={cx(roomy, 'inline-flex min-w-0 items-center gap-1.5')}>
          <Changed field={shape.field} old={shape.old} now={shape.now} />
          {shape.more > 0 && <span className="text-12 text-text-3">+{shape.more}</span>}
        </span>
      )
    case 'plan':
      return (
        <span data-shape role="img" aria-label={`${shape.added} added, ${shape.changed} changed, ${shape.destroyed} destroyed`} className={cx(roomy, 'inline-flex gap-[7px] font-mono text-12')}>
          <span className="text-ok">+{shape.added}</span>
          <span>~{shape.changed}</span>
          <span className="text-crit">−{shape.destroyed}</span>
        </span>
      )
    case 'subjects':
      return (
        <Subjects names={shape.names} more={shape.more} strong={selected} />
      )
  }
}

/** So many letters of names have room beside each other on a phone; of longer ones the first alone is named. */
const PHONE_LETTERS = 24

function Subjects({ names, more, strong }: { names: readonly string[]; more: number; strong: boolean }) {
  const shown = names.join('').length > PHONE_LETTERS ? 1 : names.length
  const rest = more + names.length - shown
  return (
    <span data-shape className={cx(roomy, 'inline-flex gap-1')}>
      {names.map((name, i) => (
        <span key={name} className={cx('flex', i >= shown && 'max-sm:hidden')}>
          <Tag name={name} strong={strong} />
        </span>
      ))}
      {more > 0 && (
        <span className={cx('flex', rest > more && 'max-sm:hidden')}>
          <Tag name={`+${more}`} strong={strong} />
        </span>
      )}
      {rest > more && (
        <span className="flex sm:hidden">
          <Tag name={`+${rest}`} strong={strong} />
        </span>
      )}
    </span>
  )
}

/** The events of an opened row: of a story oldest first, of a storm newest first, as the server gives them. */
function Kids({ row, onOpen }: { row: FeedLineFragment; onOpen: (id: string) => void }) {
  const { primary } = useZones()
  const own = {
    id: row.event.id,
    title: row.event.title,
    startedAt: row.event.startedAt,
    phase: row.event.phase,
    environment: row.event.environment,
  }
  const events = row.shape === 'storm' ? [own, ...row.events] : [...row.events, own]
  const hidden = hiddenKids(row)
  return (
    <ul aria-label="Its events" className="col-span-full mt-1.5 ml-[94px] border-l-2 border-border pl-3 text-[12.5px] text-text-2 max-sm:ml-[58px] max-sm:text-13">
      {events.map((event) => (
        <li key={event.id} className="flex h-6 items-center gap-2.5 max-sm:h-9">
          <Link
            to="/e/$event"
            params={{ event: event.id }}
            search={keepShared}
            onClick={(e) => openHere(e, () => onOpen(event.id))}
            className="group flex min-w-0 gap-2.5 text-text-2 hover:text-text"
          >
            <time dateTime={event.startedAt} className="flex-none text-text-3">
              {clockSeconds(Date.parse(event.startedAt), primary.id)}
            </time>
            <span className="truncate group-hover:underline">{event.title}</span>
          </Link>
          {event.phase !== 'succeeded' && <Badge tone={event.phase === 'failed' ? 'warn' : 'plain'}>{event.phase}</Badge>}
        </li>
      ))}
      {hidden > 0 && <li className="flex h-6 items-center text-text-3 max-sm:h-9">and {hidden.toLocaleString('en')} earlier ones, folded away</li>}
    </ul>
  )
}

/** How a row is read aloud, and what its tooltip says: one plain sentence. */
export function sentence(line: Line): string {
  const parts = line.parts.map((part) => (part.type === 'fromTo' ? `${part.from ? `from ${part.from} ` : ''}to ${part.to}` : part.type === 'dark' ? 'dark' : part.text))
  return [line.group ?? line.subject?.name, ...parts].filter(Boolean).join(' ')
}

