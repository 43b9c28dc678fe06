import { BellRing, Check, ChevronRight, Minus, Plus, X } from 'lucide-react'
import { useMemo } from 'react'
import { Avatar } from '@/components/Avatar'
import { Badge } from '@/components/Badge'
import { Button, buttonClass } from '@/components/Button'
import { cx } from '@/components/cx'
import { Dotted } from '@/components/Dotted'
import { Icon } from '@/components/Icon'
import { CopyButton } from '@/components/states'
import { TimeTip } from '@/components/Time'
import { EntityLink, nameOf } from '@/features/entity/EntityLink'
import { OutLink, PartView, SubjectLink, Who } from '@/features/feed/FeedRow'
import { describe } from '@/features/feed/wording'
import type { EventLineFragment, RankingPartsFragment, SuspectLineFragment } from '@/gql/graphql'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'
import { useKinds } from '@/shell/viewer'
import { clockSeconds } from '@/time/format'
import { useZones } from '@/time/zones'
import { beforeWords } from './lanes'
import { Strength, Told } from './Strength'

type Props = {
  ranking: RankingPartsFragment
  current: number
  onCurrent: (rank: number) => void
  /** Takes a person's word on a change; absent where there is no incident to keep it in. */
  onJudge?: (event: string, finding: string) => void
  /** Asks for whoever owns what a suspect changed; absent where nobody can be paged. */
  onPage?: (suspect: SuspectLineFragment) => void
}

/** The changes that could be it, the likeliest first, and those that nobody has to check. */
export function Suspects({ ranking, current, onCurrent, onJudge, onPage }: Props) {
  return (
    <section aria-label="Suspects" className="min-w-0">
      <div className="px-5 pt-3.5 pb-2 max-sm:px-4">
        <h2 className="inline text-14">Suspects</h2>{' '}
        <span className="text-[12.5px] text-text-3 max-sm:text-13">{counted(ranking)}</span>
        {/* On a phone the first suspect says the same by itself, and its owner has to be within sight. */}
        <p className={cx('mt-1 text-text-2', ranking.suspects[0]?.strength === 'strong' && 'max-sm:hidden')}>{ranking.summary}</p>
      </div>
      <ol>
        {ranking.suspects.map((suspect) => (
          <SuspectCard key={suspect.event.id} suspect={suspect} current={suspect.rank === current} onCurrent={onCurrent} onJudge={onJudge} onPage={onPage} />
        ))}
      </ol>
      <RuledOut ranking={ranking} />
    </section>
  )
}

/** What is said to whom is paged about a suspect: the tool itself finds who is on call, so that who is meant is said. */
export function askFor({ rank, event, owner }: SuspectLineFragment): string {
  const whom = [owner.people[0]?.name, owner.entity && nameOf(owner.entity)].filter(Boolean).join(', ')
  return `${whom ? `For ${whom}: ` : ''}suspect ${rank} is “${event.title}”`.slice(0, 300)
}

function counted({ considered, suspects, since, onset, left }: RankingPartsFragment): string {
  const hours = Math.max(1, Math.round((Date.parse(onset) - Date.parse(since)) / 3_600_000))
  const looked = `${considered.toLocaleString('en')} ${considered === 1 ? 'change' : 'changes'} in ${hours === 1 ? 'the hour' : hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`} before`
  const rest = left === '' ? '' : `; ${left}`
  return suspects.length === 0 ? looked + rest : `${looked}, ${suspects.length} could matter${rest}`
}

type CardProps = { suspect: SuspectLineFragment; current: boolean; onCurrent: (rank: number) => void; onJudge?: Props['onJudge']; onPage?: Props['onPage'] }

function SuspectCard({ suspect, current, onCurrent, onJudge, onPage }: CardProps) {
  const { event, rank, undo } = suspect
  const first = rank === 1
  const open = current || first
  const judged = suspect.verdict
  return (
    <li
      id={`suspect-${rank}`}
      aria-current={current ? 'true' : undefined}
      className={cx(
        'relative scroll-mt-2 px-5 py-3 max-sm:px-4',
        first ? 'mx-2 mb-1 rounded-8 px-3 shadow-[inset_0_0_0_1.5px_var(--accent),0_0_0_3px_var(--accent-weak)] max-sm:px-3' : 'border-b border-border',
        current && !first && 'bg-selected',
      )}
    >
      <div className="flex items-start gap-2.5">
        <button
          type="button"
          aria-label={`Suspect ${rank}`}
          onClick={() => onCurrent(rank)}
          className={cx(
            'grid size-6 flex-none place-items-center rounded-full text-12 font-semibold',
            first ? 'bg-accent-solid text-on-accent' : 'border border-border-control bg-sunken text-text-2',
          )}
        >
          {rank}
        </button>
        <div className="min-w-0 flex-1">
          <div className="flex items-start gap-2">
            <Words event={event} />
            <Strength suspect={suspect} />
          </div>
          <Facts suspect={suspect} />
          <Reasons suspect={suspect} all={open} />
          {open && (undo.text || undo.url) && <UndoLine undo={undo} />}
          {(open || judged) && <Foot suspect={suspect} onJudge={onJudge} onPage={onPage} />}
        </div>
      </div>
    </li>
  )
}

/** What happened, in the words of the feed. */
function Words({ event }: { event: EventLineFragment }) {
  const kinds = useKinds()
  const line = useMemo(
    () => describe({ id: event.id, shape: 'event', count: 1, subjects: event.subjects, subjectCount: event.subjects.length, dark: event.dark, distance: null, event, events: [] }, kinds),
    [event, kinds],
  )
  return (
    <h3 className="flex min-w-0 flex-1 flex-wrap items-center gap-x-1.5 text-[13px] leading-[22px] font-normal max-sm:text-15">
      {line.group && <b>{line.group}</b>}
      {line.subject && <SubjectLink subject={line.subject} />}
      {line.parts.map((part, i) => (
        <PartView key={i} part={part} start={false} />
      ))}
    </h3>
  )
}

function Facts({ suspect }: { suspect: SuspectLineFragment }) {
  const { event } = suspect
  const { primary, secondary } = useZones()
  const ms = Date.parse(event.startedAt)
  const link = event.links.find((l) => ['diff', 'commit', 'change', 'pull_request'].includes(l.type)) ?? event.links[0]
  return (
    <Dotted className="text-[12.5px] leading-5 text-text-3 max-sm:text-13">
      <span className="inline-flex items-center gap-[7px]">
        <Who event={event} brief />
      </span>
      <b className="font-medium text-text">{beforeWords(suspect.beforeSeconds)}</b>
      <TimeTip ms={ms} hint="c to copy">
        <Link to="/e/$event" params={{ event: event.id }} search={keepShared} className="hover:underline">
          {clockSeconds(ms, primary.id)} <span className="text-text-3">{primary.id !== secondary.id && `${clockSeconds(ms, secondary.id)}${secondary.id === 'UTC' ? 'Z' : ''}`}</span>
        </Link>
      </TimeTip>
      {link && <OutLink link={link} />}
    </Dotted>
  )
}

/** A reason that weighs less than this says nothing to a person. */
const SLIGHT = 0.15

function Reasons({ suspect, all }: { suspect: SuspectLineFragment; all: boolean }) {
  const told = suspect.evidence.filter((e) => e.sentence && Math.abs(e.weight) >= SLIGHT)
  const shown = all ? told.slice(0, 6) : told.slice(0, 2)
  return (
    <ul className="mt-1">
      {shown.map((evidence) => (
        <li key={evidence.name + evidence.sentence} className="flex items-start gap-2 leading-[21px] max-sm:text-14">
          <Icon of={evidence.weight > 0 ? Plus : Minus} size={12} stroke={2.25} className={cx('mt-[4.5px] flex-none', evidence.weight > 0 ? 'text-text' : 'text-text-3')} />
          <span className="min-w-0">
            <span className="sr-only">{evidence.weight > 0 ? 'For: ' : 'Against: '}</span>
            {evidence.sentence}
          </span>
        </li>
      ))}
    </ul>
  )
}

function UndoLine({ undo }: { undo: SuspectLineFragment['undo'] }) {
  return (
    <div className="mt-2">
      <div className="flex flex-wrap items-center gap-2 rounded-6 border border-border bg-sunken py-1 pr-1 pl-2.5">
        {undo.text ? (
          <code tabIndex={0} className="min-w-0 flex-1 basis-60 py-0.5 text-12 whitespace-pre-wrap [overflow-wrap:anywhere] max-sm:basis-full">
            {/* A break after a dash would make two words of one option. */}
            {undo.text.split(/(\s+)/).map((word, i) => (i % 2 ? word : <span key={i} className="inline-block max-w-full">{word}</span>))}
          </code>
        ) : (
          <span className="min-w-0 flex-1 truncate text-[12.5px] text-text-2">Undo it in {undo.tool}</span>
        )}
        {undo.text && <CopyButton text={undo.text} label="Copy undo" look="plain" className="max-sm:!min-h-11" />}
        {undo.url && (
          <a href={undo.url} target="_blank" rel="noreferrer" data-out className={cx(buttonClass('plain', true), 'max-sm:!min-h-11')}>
            Open {undo.tool}
          </a>
        )}
      </div>
      {undo.lost.length > 0 && (
        <ul className="mt-1.5">
          {undo.lost.slice(0, 4).map((lost) => (
            <li key={lost.event} className="flex items-start gap-2 text-[12.5px] text-warn">
              <Icon of={Minus} size={12} stroke={2.25} className="mt-1 flex-none" />
              <Link to="/e/$event" params={{ event: lost.event }} search={keepShared} className="hover:underline">
                {lost.sentence}
              </Link>
            </li>
          ))}
          {undo.lost.length > 4 && <li className="pl-5 text-[12.5px] text-text-3">and {undo.lost.length - 4} more since</li>}
        </ul>
      )}
    </div>
  )
}

const words: Record<string, string> = { caused: 'It was this', dismissed: 'Not this', fixed: 'This ended it', suspect: 'Suspected' }

function Foot({ suspect, onJudge, onPage }: Pick<CardProps, 'suspect' | 'onJudge' | 'onPage'>) {
  const { owner, verdict, event } = suspect
  const [first, ...others] = owner.people
  const team = owner.entity
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2">
      <span className="mr-auto flex min-w-0 items-center gap-2 text-[12.5px] max-sm:text-14">
        <Avatar kind={first ? 'person' : 'unknown'} name={first?.name ?? ''} size={24} />
        <span className="min-w-0">
          {first?.person ? <EntityLink entity={first.person} className="font-medium hover:underline" /> : <b className="font-medium">{first ? first.name : 'Nobody known on call'}</b>}
          {others.length > 0 && (
            <span className="text-text-3" title={others.map((other) => other.name).join(', ')}>
              {' '}
              +{others.length}
            </span>
          )}
          {team && (
            <span className="text-text-2">
              , <EntityLink entity={team} className="hover:underline" />
              {first && ' on call'}
            </span>
          )}
        </span>
        {onPage && (
          <Button small className="max-sm:!min-h-11" onClick={() => onPage(suspect)}>
            <Icon of={BellRing} size={13} className="text-text-3" />
            Page<span className="sr-only"> {first?.name ?? 'whoever owns it'}</span>
          </Button>
        )}
        {first?.person?.email && (
          <a href={`mailto:${first.person.email}`} className={cx('link flex min-h-6 items-center px-1 max-sm:min-h-11 max-sm:px-2', onPage && 'max-sm:hidden')}>
            Mail<span className="sr-only"> {first.name}</span>
          </a>
        )}
      </span>
      {onJudge ? (
        <span role="group" aria-label={`Your word on suspect ${suspect.rank}`} className="flex gap-1">
          <Button small look="ghost" aria-pressed={verdict === 'caused'} className={verdict === 'caused' ? '!bg-accent-weak !text-accent' : ''} onClick={() => onJudge(event.id, 'caused')}>
            <Icon of={Check} size={13} />
            It was this
          </Button>
          <Button small look="ghost" aria-pressed={verdict === 'dismissed'} className={verdict === 'dismissed' ? '!bg-hover !text-text' : ''} onClick={() => onJudge(event.id, 'dismissed')}>
            <Icon of={X} size={13} />
            Not this
          </Button>
        </span>
      ) : (
        verdict && <Badge tone={verdict === 'caused' ? 'accent' : 'outline'}>{words[verdict] ?? verdict}</Badge>
      )}
    </div>
  )
}

/** Each with its reason, so that nobody checks it again. */
function RuledOut({ ranking }: { ranking: RankingPartsFragment }) {
  if (ranking.ruledOutCount === 0) return null
  const reasons = [...new Set(ranking.ruledOut.map((out) => reasonWords[out.reason] ?? out.reason))]
  return (
    <details className="group border-t border-border">
      <summary className="flex min-h-10 cursor-default items-center gap-2 px-5 text-text-2 hover:bg-hover max-sm:px-4">
        <Icon of={ChevronRight} className="flex-none transition-transform group-open:rotate-90" />
        <span>
          {ranking.ruledOutCount.toLocaleString('en')} ruled out: {reasons.slice(0, 4).join(', ')}
        </span>
      </summary>
      <ul className="pb-3">
        {ranking.ruledOut.map((out) => (
          <li key={out.event.id} className="flex items-start gap-3 px-5 py-1.5 text-[12.5px] max-sm:px-4">
            <OutTime iso={out.event.startedAt} />
            <span className="min-w-0">
              <Link to="/e/$event" params={{ event: out.event.id }} search={keepShared} className="[overflow-wrap:anywhere] hover:underline">
                <Told event={out.event} />
              </Link>
              <span className="block text-text-3">{out.sentence}</span>
            </span>
          </li>
        ))}
        {ranking.ruledOutCount > ranking.ruledOut.length && (
          <li className="px-5 py-1.5 text-[12.5px] text-text-3 max-sm:px-4">and {(ranking.ruledOutCount - ranking.ruledOut.length).toLocaleString('en')} more</li>
        )}
      </ul>
    </details>
  )
}

function OutTime({ iso }: { iso: string }) {
  const { primary } = useZones()
  const ms = Date.parse(iso)
  return (
    <TimeTip ms={ms}>
      <time dateTime={iso} tabIndex={0} className="w-14 flex-none text-right text-text-3">
        {clockSeconds(ms, primary.id)}
      </time>
    </TimeTip>
  )
}

const reasonWords: Record<string, string> = {
  after_onset: 'after it began',
  other_environment: 'other environments',
  other_region: 'other regions',
  no_path: 'no path',
  no_exposure: 'nobody exposed',
  reverted: 'reverted before',
  already_bad: 'already bad before',
  no_effect: 'never took effect',
}
