import { cx } from '@/components/cx'
import type { EventLineFragment, SuspectLineFragment } from '@/gql/graphql'
import { strokesOf } from './lanes'

// Apart from the suspects themselves: the page of a service shows these two, and nothing else of them.

/** How far it stands out: five strokes, and the word for who cannot see them. */
export function Strength({ suspect: { strength, probability } }: { suspect: Pick<SuspectLineFragment, 'strength' | 'probability'> }) {
  const filled = strokesOf(probability)
  const strong = strength === 'strong'
  return (
    <span className={cx('flex h-[22px] flex-none items-center gap-1.5 text-12', strong ? 'font-medium text-accent' : 'text-text-2')} title={`${Math.round(probability * 100)} of 100 such suspects were it`}>
      {strength.charAt(0).toUpperCase() + strength.slice(1)}
      <span aria-hidden className="flex gap-[2px] forced-color-adjust-none">
        {[1, 2, 3, 4, 5].map((n) => (
          <span key={n} className={cx('h-2.5 w-[5px] rounded-[1.5px]', n > filled ? 'bg-border-strong' : strong ? 'bg-accent' : 'bg-text-2')} />
        ))}
      </span>
    </span>
  )
}

/** One event in one line: its subject, unless its title says it. */
export function Told({ event }: { event: Pick<EventLineFragment, 'subjects' | 'title'> }) {
  const [subject, ...others] = event.subjects
  const said = !subject || others.length > 0 || event.title.toLowerCase().includes(subject.name.toLowerCase())
  return (
    <>
      {!said && <b className="font-medium">{subject.name} </b>}
      {event.title}
    </>
  )
}
