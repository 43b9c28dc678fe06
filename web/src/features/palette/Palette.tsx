import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Box, Boxes, Clock, CornerDownRight, Database, ExternalLink, type LucideIcon, Mail, Plug, Search, UserRound, Users, Waypoints, X } from 'lucide-react'
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Kbd } from '@/components/Badge'
import { IconButton } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { Age } from '@/components/Time'
import { request } from '@/data/client'
import { stored } from '@/data/stored'
import { nameOf } from '@/features/entity/EntityLink'
import { isWeb, openings } from '@/features/entity/facts'
import { PaletteChangesDocument, PaletteDocument, type PaletteQuery } from '@/gql/graphql'
import { navigate } from '@/router'
import { fill } from '@/router/paths'
import { activeShortcuts } from '@/shell/keys'
import { kindIcon } from '@/shell/kindIcon'
import { usePins } from '@/shell/pins'
import { keepShared } from '@/shell/search'
import { takeTyped } from '@/shell/typing'
import { setTheme } from '@/shell/theme'
import { useKinds } from '@/shell/viewer'
import { stamp } from '@/time/format'
import { useZones } from '@/time/zones'
import { marks, moment, pieces } from './match'

type Found = PaletteQuery['search'][number]
/** One line: what it is called, what it does, and where it leads when a new tab is wanted. */
type Item = { id: string; group: string; icon: LucideIcon; title: string; about?: ReactNode; keys?: string; /** With Alt, as long as the palette is open. */ alt?: string; href?: string; run: (event?: KeyboardEvent) => void }

const icons: Record<Found['kind'], LucideIcon> = { service: Box, team: Users, person: UserRound, system: Boxes, resource: Database, api: Plug }
const groups: Record<Found['kind'], string> = { service: 'Services', team: 'Teams', person: 'People', system: 'Systems', resource: 'Resources', api: 'APIs' }
const DAY = 86_400_000
const recent = stored('recent')
const RECENT = 6
/** How many links of the best service are offered: those with a key of their own come first. */
const OPENED = 4

function addressOf(entity: Pick<Found, 'kind' | 'name'>): string {
  if (entity.kind === 'service') return fill('/s/$service', { service: entity.name })
  if (entity.kind === 'team') return fill('/t/$team', { team: entity.name })
  return fill('/r/$kind/$name', { kind: entity.kind, name: entity.name })
}

function remembered(): Pick<Found, 'ref' | 'kind' | 'name' | 'title'>[] {
  try {
    const list: unknown = JSON.parse(recent.get() ?? '[]')
    return Array.isArray(list) ? list.filter((one) => one && typeof one.ref === 'string' && one.kind in icons) : []
  } catch {
    return []
  }
}

function remember({ ref, kind, name, title }: Pick<Found, 'ref' | 'kind' | 'name' | 'title'>) {
  recent.set(JSON.stringify([{ ref, kind, name, title }, ...remembered().filter((one) => one.ref !== ref)].slice(0, RECENT)))
}

/** Goes to anything and does anything, by keyboard alone. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  // As they were when the palette opened: while a dialog is open none acts.
  const [shortcuts] = useState(activeShortcuts)
  const pins = usePins()
  const kinds = useKinds()
  const { primary, secondary } = useZones()
  const words = text.trim()
  const time = words.startsWith('@')

  // Before the next key: what was kept has to stand in the field when that comes.
  useLayoutEffect(() => {
    dialog.current!.showModal()
    const early = takeTyped()
    setText((now) => early + now)
    return () => void takeTyped()
  }, [])
  const search = useQuery({
    queryKey: ['palette', words],
    queryFn: ({ signal }) => request(PaletteDocument, { q: words }, signal),
    enabled: words.length > 0 && !time,
    placeholderData: keepPreviousData,
  })
  // What the words of before found stays while its name fits: Enter must not go to what nobody asked for.
  const found = useMemo(
    () => search.data?.search.filter((one) => !search.isPlaceholderData || marks(`${one.name} ${one.title ?? ''}`, words)),
    [search.data, search.isPlaceholderData, words],
  )
  // Changes are looked for in the words of the log, which takes longer: they wait for a pause of the fingers, and still come within 150 ms.
  const rested = useRested(words, 80)
  const since = useMemo(() => new Date(Math.floor(Date.now() / 60_000) * 60_000 - 7 * DAY).toISOString(), [])
  const changes = useQuery({
    queryKey: ['palette-changes', rested],
    queryFn: ({ signal }) => request(PaletteChangesDocument, { q: rested, since }, signal),
    enabled: rested.length > 2 && !rested.startsWith('@'),
  }).data?.feed.rows

  const shown = useMemo<Item[]>(() => {
    const go = (to: string) => () => navigate({ to, search: keepShared })
    const entity = (one: Pick<Found, 'ref' | 'kind' | 'name' | 'title'>, group: string, about?: ReactNode): Item => ({
      id: one.ref,
      group,
      icon: icons[one.kind],
      title: nameOf(one),
      about,
      href: addressOf(one),
      run: () => {
        remember(one)
        go(addressOf(one))()
      },
    })
    const commands: Item[] = [
      ...shortcuts.map((s) => ({ id: `key ${s.keys}`, group: s.group === 'Go' ? 'Go' : 'Do', icon: CornerDownRight, title: s.label, keys: s.keys.split(', ')[0], run: () => s.run(new KeyboardEvent('keydown')) })),
      ...(['light', 'dark', 'system'] as const).map((theme, i) => ({ id: theme, alt: String(i + 1), group: 'Do', icon: CornerDownRight, title: theme === 'system' ? 'Colours of the system' : `Colours: ${theme}`, run: () => setTheme(theme) })),
      { id: 'settings', alt: ',', group: 'Go', icon: CornerDownRight, title: 'Go to your settings', run: go('/settings/me') },
      { id: 'start', alt: 'f', group: 'Go', icon: CornerDownRight, title: 'Go to the first steps', run: go('/start') },
      { id: 'sources', alt: 's', group: 'Go', icon: CornerDownRight, title: 'Go to sources', run: go('/settings/sources') },
    ]
    const jump: Item[] = []
    const when = time ? moment(words.slice(1), Date.now(), primary.id) : null
    if (when !== null) {
      const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
      jump.push({
        id: 'time',
        group: 'Time',
        icon: Clock,
        title: `What changed around ${stamp(when, primary.id)}`,
        about: primary.id === secondary.id ? 'Half an hour to either side' : `${stamp(when, secondary.id)}, half an hour to either side`,
        run: () => navigate({ to: '/feed', search: (old) => ({ ...keepShared(old), from: iso(when - 1_800_000), to: iso(when + 1_800_000) }) }),
      })
    }
    if (time) return jump
    if (!words) {
      const known = remembered()
      return [
        ...known.map((one) => entity(one, 'Recent', one.kind)),
        ...pins.filter((name) => !known.some((one) => one.ref === `service:${name}`)).map((name) => entity({ ref: `service:${name}`, kind: 'service', name, title: null }, 'Pinned')),
        ...commands.filter((c) => c.group === 'Go'),
        { id: '@', group: 'Do', icon: Clock, title: 'Jump to a time', about: 'type @02:55, @00:55Z or @20 min ago', keys: '@', run: () => {} },
        ...commands.filter((c) => c.group === 'Do'),
      ]
    }
    const entities = (found ?? []).map((one) =>
      entity(
        one,
        groups[one.kind],
        <>
          {[one.owner && one.owner.ref !== one.ref ? nameOf(one.owner) : '', one.lastEvent ? 'changed ' : ''].filter(Boolean).join(', ')}
          {one.lastEvent && <Age ms={Date.parse(one.lastEvent.startedAt)} />}
        </>,
      ),
    )
    const best = found?.find((one) => one.kind === 'service')
    const duty = best?.onCall[0]
    const doing: Item[] = best
      ? [
          ...(duty?.person?.email
            ? [{ id: 'mail', alt: 'p', group: 'Do', icon: Mail, title: `Mail ${nameOf(duty.person)}`, about: `on call for ${best.name}`, href: `mailto:${duty.person.email}`, run: () => void window.open(`mailto:${duty.person?.email}`, '_self') }]
            : []),
          ...openings(best.links)
            .filter((link) => isWeb(link.url))
            .slice(0, OPENED)
            .map((link, i) => ({
              id: `link ${link.url}`,
              alt: link.key ?? String(i + 4),
              group: 'Do',
              icon: ExternalLink,
              title: `Open the ${best.name} ${link.label.toLowerCase()}`,
              href: link.url,
              run: () => void window.open(link.url, '_blank', 'noreferrer'),
            })),
          { id: 'map', alt: 'm', group: 'Do', icon: Waypoints, title: `Show ${best.name} on the map`, href: `/s/${encodeURIComponent(best.name)}/deps`, run: go(fill('/s/$service/deps', { service: best.name })) },
        ]
      : []
    const matching = commands.filter((c) => marks(c.title, words))
    const order = entities.map((item) => item.group)
    return [
      ...entities.toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group)),
      ...(rested === words ? (changes ?? []) : []).map(({ event }) => ({
        id: event.id,
        group: 'Changes',
        icon: kindIcon(kinds.get(event.kind)?.icon),
        title: event.title,
        about: [...new Set([primary.id, secondary.id])].map((zone) => stamp(Date.parse(event.startedAt), zone)).join(', '),
        href: fill('/e/$event', { event: event.id }),
        run: go(fill('/e/$event', { event: event.id })),
      })),
      ...matching.filter((c) => c.group === 'Go'),
      ...doing,
      ...matching.filter((c) => c.group === 'Do'),
    ]
  }, [found, changes, rested, words, time, shortcuts, pins, kinds, primary.id, secondary.id])
  const place = Math.max(0, Math.min(at, shown.length - 1))

  useEffect(() => {
    list.current?.querySelector(`[id="palette-${place}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [place, shown])

  const choose = (item: Item | undefined, newTab: boolean) => {
    if (!item) return
    if (item.id === '@') {
      setText('@')
      return
    }
    onClose()
    if (newTab && item.href) window.open(item.href, '_blank', 'noreferrer')
    // Once the dialog is gone, so that what is run can take the focus.
    else setTimeout(item.run, 0)
  }
  return (
    <dialog
      ref={dialog}
      aria-label="Search and commands"
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className="fixed top-[12vh] left-1/2 m-0 max-h-[76vh] w-[min(640px,calc(100vw-24px))] max-w-none -translate-x-1/2 overflow-hidden rounded-12 border border-border-strong bg-raised p-0 text-text shadow-2 backdrop:bg-scrim max-sm:top-3 max-sm:max-h-[calc(100dvh-24px)]"
    >
      <div className="flex max-h-[inherit] flex-col">
        <div className="flex h-[52px] flex-none items-center gap-3 border-b border-border px-4">
          <Icon of={Search} size={17} className="text-text-3" />
          <input
            autoFocus
            role="combobox"
            aria-label="Search services, people, changes and commands"
            aria-expanded={shown.length > 0}
            aria-controls="palette-list"
            aria-activedescendant={shown.length > 0 ? `palette-${place}` : undefined}
            aria-autocomplete="list"
            placeholder="Search, or @ for a time"
            value={text}
            maxLength={200}
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            onChange={(event) => {
              setText(event.target.value)
              setAt(0)
            }}
            onKeyDown={(event) => {
              const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
              // By the key and not by what it writes: with Alt a letter writes another on some keyboards.
              const meant = event.altKey && !event.ctrlKey && shown.find(({ alt }) => alt !== undefined && event.code === codeOf(alt))
              if (step) setAt((place + step + shown.length) % Math.max(1, shown.length))
              else if (meant) choose(meant, false)
              else if (event.key === 'Enter') choose(shown[place], event.metaKey || event.ctrlKey)
              else return
              event.preventDefault()
            }}
            className="h-full min-w-0 flex-1 bg-transparent text-16 outline-none"
          />
          <IconButton label="Close" onClick={onClose}>
            <Icon of={X} size={16} />
          </IconButton>
        </div>
        <ul ref={list} id="palette-list" role="listbox" aria-label="Results" tabIndex={-1} className="scroll-thin min-h-0 flex-1 p-1.5">
          {shown.map((item, i) => (
            <Line key={item.group + item.id} item={item} first={item.group !== shown[i - 1]?.group} id={`palette-${i}`} on={i === place} query={time ? '' : words} onHover={() => setAt(i)} onChoose={(newTab) => choose(item, newTab)} />
          ))}
        </ul>
        {shown.length === 0 && (
          <p role="status" className="px-4 pb-4 text-text-2">
            {time ? 'A time is @02:55, @00:55Z, @20 min ago or @2026-06-11T02:55.' : found || !words ? 'Nothing is called so.' : 'Searching'}
          </p>
        )}
        <div aria-hidden className="flex h-9 flex-none items-center gap-4 border-t border-border bg-sunken px-4 text-12 text-text-3 max-sm:hidden">
          <span className="flex items-center gap-1.5">
            <Kbd>↑</Kbd>
            <Kbd>↓</Kbd> move
          </span>
          <span className="flex items-center gap-1.5">
            <Kbd>↵</Kbd> open
          </span>
          <span className="flex items-center gap-1.5">
            <Kbd>Ctrl ↵</Kbd> new tab
          </span>
          <span className="ml-auto flex items-center gap-1.5">
            <Kbd>@</Kbd> a time
          </span>
        </div>
      </div>
    </dialog>
  )
}

type LineProps = { item: Item; first: boolean; id: string; on: boolean; query: string; onHover: () => void; onChoose: (newTab: boolean) => void }

function Line({ item, first, id, on, query, onHover, onChoose }: LineProps) {
  return (
    <>
      {first && (
        <li role="presentation" className="px-2.5 pt-2 pb-1 text-12 text-text-3">
          {item.group}
        </li>
      )}
      <li
        id={id}
        role="option"
        aria-selected={on}
        onPointerMove={onHover}
        onClick={(event) => onChoose(event.metaKey || event.ctrlKey)}
        className={cx('flex h-9 cursor-pointer items-center gap-3 rounded-6 px-2.5 max-sm:h-12', on && 'bg-selected')}
      >
        <Icon of={item.icon} size={15} className="text-text-3" />
        <span className="min-w-0 truncate font-medium">
          <Marked text={item.title} query={query} />
        </span>
        {item.about && <span className="min-w-0 flex-none truncate text-12 text-text-2">{typeof item.about === 'string' ? <Marked text={item.about} query={query} /> : item.about}</span>}
        {(item.keys ?? item.alt) && (
          <span className="ml-auto flex flex-none gap-1 max-sm:hidden">
            {(item.keys?.split(/[ +]/) ?? ['Alt', item.alt!]).map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </span>
        )}
      </li>
    </>
  )
}

/** A text with what matches marked. */
function Marked({ text, query }: { text: string; query: string }) {
  return pieces(text, query).map((piece, i) => (piece.on ? <mark key={i} className="bg-transparent text-accent">{piece.text}</mark> : piece.text))
}

const codeOf = (key: string) => (key === ',' ? 'Comma' : /\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`)

/** A text once it has not changed for so long. */
function useRested(text: string, ms: number): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), ms)
    return () => clearTimeout(timer)
  }, [text, ms])
  return rested
}
