import { useRef, useState } from 'react'
import { Avatar } from '@/components/Avatar'
import { Button } from '@/components/Button'
import { Kbd } from '@/components/Badge'
import { TimeTip } from '@/components/Time'
import type { IncidentPartsFragment } from '@/gql/graphql'
import { Link } from '@/router'
import { useShortcuts } from '@/shell/keys'
import { keepShared } from '@/shell/search'
import { clockSeconds } from '@/time/format'
import { useZones } from '@/time/zones'

type Entry = IncidentPartsFragment['timeline'][number]
type Props = { entries: Entry[]; onNote?: (text: string) => Promise<unknown>; failed?: Error | null }

/** What was said and done, the newest first, and a line to add to it. */
export function Timeline({ entries, onNote, failed }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  useShortcuts(onNote ? [{ keys: 'm', label: 'Add a note', group: 'Incident', run: () => input.current?.focus() }] : [])
  const send = async () => {
    if (!onNote || !text.trim()) return
    setBusy(true)
    try {
      await onNote(text.trim())
      setText('')
    } catch {
      // What went wrong is said below, and the words stay.
    } finally {
      setBusy(false)
    }
  }
  return (
    <section aria-label="Timeline" className="mt-3 border-t border-border px-5 pt-3 pb-4 max-sm:px-4">
      <h2 className="sr-only">Timeline</h2>
      {onNote && (
        <form
          className="mb-3 flex items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            void send()
          }}
        >
          <span className="relative min-w-0 flex-1">
            <input
              ref={input}
              aria-label="Add a note to the timeline"
              placeholder="Add a note to the timeline"
              maxLength={4000}
              value={text}
              onChange={(event) => setText(event.target.value)}
              className="h-8 w-full rounded-6 border border-border-control bg-surface pr-8 pl-2.5 max-sm:h-11 max-sm:text-[16px]"
            />
            <span className="absolute top-2 right-2">
              <Kbd>m</Kbd>
            </span>
          </span>
          {text.trim() && (
            <Button type="submit" disabled={busy}>
              Add
            </Button>
          )}
        </form>
      )}
      {failed && (
        <p role="alert" className="mb-2 text-crit">
          {failed.message}
        </p>
      )}
      <ol>
        {newestFirst(entries).map((entry) => (
          <Row key={entry.id} entry={entry} />
        ))}
      </ol>
    </section>
  )
}

/** What an entry says that is more than its text. */
function wordsOf(entry: Entry): string {
  const field = (key: string) => entry.fields.find((f) => f.key === key)?.value ?? ''
  const said = entry.text ? `: ${entry.text}` : ''
  if (entry.kind !== 'called') return entry.text || entry.kind
  switch (field('phase')) {
    case 'taken':
      return 'took the page'
    case 'failed':
      return `could not page, and tries again${said}`
    default:
      return `paged whoever is on call, through ${field('source')}${said}`
  }
}

/** By when it happened: what is learned late stands where it belongs. */
const newestFirst = (entries: Entry[]) => entries.toReversed().sort((a, b) => Date.parse(b.at) - Date.parse(a.at))

function Row({ entry }: { entry: Entry }) {
  const { primary, secondary } = useZones()
  const ms = Date.parse(entry.at)
  const kind = entry.by.type === 'person' || entry.by.type === 'automation' ? entry.by.type : 'unknown'
  const name = entry.by.person?.title || entry.by.name || 'unknown'
  const said = entry.kind === 'noted' || entry.kind === 'said'
  return (
    <li className="flex items-start gap-3 py-[5px] leading-5">
      <TimeTip ms={ms} hint="c to copy">
        <time dateTime={entry.at} tabIndex={0} className="flex w-[124px] flex-none gap-2 max-sm:w-[62px] max-sm:flex-col max-sm:gap-0">
          <b className="font-medium">{clockSeconds(ms, primary.id)}</b>
          {primary.id !== secondary.id && (
            <span className="text-12 text-text-3">
              {clockSeconds(ms, secondary.id)}
              {secondary.id === 'UTC' && 'Z'}
            </span>
          )}
        </time>
      </TimeTip>
      <Avatar kind={kind} name={name} />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <b className="font-medium">{name}</b>{' '}
        {said ? (
          <>
            <span className="text-text-3">{entry.kind}</span> <span className="whitespace-pre-line">{entry.text}</span>
          </>
        ) : (
          <span className="text-text-2">{wordsOf(entry)}</span>
        )}
        {entry.event && (
          <>
            {' '}
            <Link to="/e/$event" params={{ event: entry.event }} search={keepShared} className="link whitespace-nowrap">
              {entry.kind === 'verdict' ? 'the change' : 'the event'}
            </Link>
          </>
        )}
      </span>
    </li>
  )
}
