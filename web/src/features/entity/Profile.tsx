import {
  BookOpen,
  Box,
  Boxes,
  Database,
  ExternalLink,
  FileText,
  Gauge,
  GitBranch,
  type LucideIcon,
  Mail,
  MessageSquare,
  Pin,
  Plug,
  Route,
  ScrollText,
  UserRound,
  Users,
  UserX,
} from 'lucide-react'
import { lazy, type ReactNode, Suspense } from 'react'
import { Avatar } from '@/components/Avatar'
import { Badge, Kbd, Tag } from '@/components/Badge'
import { IconButton } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { byStatus, stateOf, StatusGlyph } from '@/components/shapes'
import { Age } from '@/components/Time'
import type { DutyFragment, EntityQuery, RelationLineFragment } from '@/gql/graphql'
import { Link } from '@/router'
import { useShortcuts } from '@/shell/keys'
import { keepShared } from '@/shell/search'
import { togglePin, usePins } from '@/shell/pins'
import { clock, day, stamp, zoneLabel } from '@/time/format'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'
import { AnnotationsButton } from './Annotations'
import { EntityLink, nameOf } from './EntityLink'
import { Facts } from './Facts'
import { Objectives } from './Objectives'
import { Running } from './Running'
import { capital, isWeb, kindWords, openings } from './facts'

const Shifts = lazy(() => import('./Shifts'))

export type Known = NonNullable<EntityQuery['entity']>

const kindIcons: Record<Known['kind'], LucideIcon> = { service: Box, team: Users, person: UserRound, system: Boxes, resource: Database, api: Plug }
const linkIcons: Record<string, LucideIcon> = {
  runbook: BookOpen,
  dashboard: Gauge,
  logs: ScrollText,
  repo: GitBranch,
  traces: Route,
  docs: FileText,
  chat: MessageSquare,
}

/** On a phone, what one reaches for first: whoever is on call, and the tools. */
export function Actions({ entity: { onCall, links } }: { entity: Known }) {
  const duty = onCall[0]?.person
  const all: { label: string; about?: string; url: string; icon: LucideIcon }[] = openings(links)
    .filter(({ key }) => key !== null)
    .map(({ type, url }) => ({ label: capital(type), url, icon: linkIcons[type] ?? ExternalLink }))
  if (duty?.email) all.unshift({ label: 'Mail', about: nameOf(duty), url: `mailto:${duty.email}`, icon: Mail })
  if (all.length === 0) return null
  return (
    <nav aria-label="Actions" className="mx-4 mt-2.5 grid flex-none grid-cols-5">
      {all.slice(0, 5).map(({ label, about, url, icon }) => (
        <a key={url} href={url} target="_blank" rel="noreferrer" className="flex min-w-0 flex-col items-center gap-0.5 text-12 text-text-2">
          <span className="grid size-11 place-items-center rounded-12 bg-sunken">
            <Icon of={icon} size={20} />
          </span>
          <span className="max-w-full truncate">
            {label}
            {about && <span className="sr-only"> {about}</span>}
          </span>
        </a>
      ))}
    </nav>
  )
}

/** What an entity is, who answers for it, and where its tools are. */
export function Profile({ entity, inBar }: { entity: Known; inBar?: boolean }) {
  const isService = entity.kind === 'service'
  const pinned = usePins().includes(entity.name)
  return (
    <>
      <div className={inBar ? 'hidden' : 'flex items-center gap-[11px] max-sm:hidden'}>
        {entity.kind === 'person' ? (
          <Avatar kind="person" name={nameOf(entity)} size={40} />
        ) : (
          <span className="grid size-10 flex-none place-items-center rounded-[9px] border border-border bg-sunken text-text-2">
            <Icon of={kindIcons[entity.kind]} size={20} />
          </span>
        )}
        <div className="min-w-0 flex-1">
          <h1 className="text-[17px] leading-[22px] tracking-[-0.015em] [overflow-wrap:anywhere]">{nameOf(entity)}</h1>
          <div className="mt-px flex flex-wrap items-center gap-x-[7px] gap-y-1 text-[12.5px] text-text-3">
            {entity.tier !== null && entity.tier !== undefined && <Badge tone="outline">Tier {entity.tier}</Badge>}
            {entity.lifecycle && entity.lifecycle !== 'production' && <Badge>{entity.lifecycle}</Badge>}
            <span>{kindWords(entity)}</span>
          </div>
        </div>
        {isService && (
          <IconButton
            label={pinned ? 'Unpin from the sidebar' : 'Pin to the sidebar'}
            aria-pressed={pinned}
            onClick={() => togglePin(entity.name)}
            className={pinned ? 'self-start !text-accent' : 'self-start'}
          >
            <Icon of={Pin} size={15} className={pinned ? 'fill-current' : undefined} />
          </IconButton>
        )}
      </div>
      {!entity.described && (
        <p className="mt-3 rounded-8 border border-border bg-sunken px-2.5 py-2 text-text-2">
          Not described yet: known only because an event named it. A <code>tidings.yaml</code> in its repository tells the rest.
        </p>
      )}
      {entity.description && <p className="mt-[11px] mb-3 text-pretty text-text-2">{entity.description}</p>}
      <Owners entity={entity} />
      <Links links={entity.links} />
      <Running entity={entity} heading={(title) => <Heading>{title}</Heading>} />
      {(isService || entity.kind === 'resource') && <Objectives entity={entity} heading={(title) => <Heading>{title}</Heading>} Row={Row} />}
      <Attributes entity={entity} />
      {entity.tags.length > 0 && (
        <ul aria-label="Tags" className="mt-3 flex flex-wrap gap-[5px]">
          {entity.tags.map((tag) => (
            <li key={`${tag.key}:${tag.value}`}>
              <Tag name={tag.key} value={tag.value} />
            </li>
          ))}
        </ul>
      )}
      <Relations title="Depends on" relations={entity.dependsOn} />
      {isService && entity.dependsOn.length + entity.dependedOnBy.length > 0 && (
        <Link to="/s/$service/deps" params={{ service: entity.name }} search={keepShared} className="link text-12">
          Show on the map
        </Link>
      )}
      <Relations title="Called by" relations={entity.dependedOnBy} />
      <Relations title="Provides" relations={entity.provides} />
      <Relations title="Consumes" relations={entity.consumes} />
      <Members title="Part of" entities={entity.partOf} />
      <Members title={entity.kind === 'team' ? 'Members' : 'Parts'} entities={entity.parts} />
      <Members title="Owns" entities={entity.owns} />
      {entity.aliases.length > 0 && (
        <>
          <Heading>Known elsewhere as</Heading>
          <ul>
            {entity.aliases.map((alias) => (
              <li key={alias} className="leading-6 text-text-2">
                <code className="[overflow-wrap:anywhere]">{alias}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      <Facts entity={entity} />
      {(isService || entity.kind === 'resource') && <AnnotationsButton />}
    </>
  )
}

function Heading({ children, count }: { children: ReactNode; count?: number }) {
  return (
    <h2 className="mt-[15px] mb-[5px] text-12 font-medium text-text-3">
      {children}
      {count !== undefined && <span className="ml-1.5 font-normal">{count}</span>}
    </h2>
  )
}

function Owners({ entity }: { entity: Known }) {
  const { owner, onCall, nextOnCall } = entity
  const contacts = entity.contacts.length ? entity.contacts : (owner?.contacts ?? [])
  if (entity.kind === 'person') {
    return (
      <>
        <Suspense fallback={null}>
          <Shifts person={entity.ref} />
        </Suspense>
        <Contacts contacts={entity.contacts} email={entity.email} />
      </>
    )
  }
  const members = owner?.parts.filter((part) => part.kind === 'person').length ?? 0
  const about = [members ? `${members} ${members === 1 ? 'person' : 'people'}` : '', owner?.timeZone ? zoneLabel(owner.timeZone) : ''].filter(Boolean).join(' · ')
  return (
    <>
      <div className="mt-3 divide-y divide-border rounded-8 border border-border px-2.5 py-0.5">
        {entity.kind !== 'team' && (
          <div className="flex min-h-[42px] items-center gap-[9px] py-1 leading-4">
            <Icon of={owner ? Users : UserX} size={15} className={owner ? 'mx-[3.5px] text-text-3' : 'mx-[3.5px] text-warn'} />
            <div className="min-w-0 flex-1">
              {owner ? (
                <EntityLink entity={owner} className="font-medium hover:underline" />
              ) : (
                <span className="font-medium text-warn">Nobody owns it</span>
              )}
              {about && <span className="block text-12 text-text-3">{about}</span>}
            </div>
            <Contact contact={contacts[0]} brief />
          </div>
        )}
        {[...onCall, ...nextOnCall].map((duty, i) => (
          <OnCall key={i} duty={duty} />
        ))}
        {onCall.length > 0 && nextOnCall.length === 0 && <Untold {...entity} />}
        {onCall.length === 0 && (
          <div className="flex min-h-[42px] items-center gap-[9px] leading-4 text-text-3">
            <Icon of={UserX} size={15} className="mx-[3.5px]" />
            Nobody known on call
          </div>
        )}
        {entity.kind === 'team' && contacts[0] && (
          <div className="flex min-h-[42px] items-center">
            <Contact contact={contacts[0]} />
          </div>
        )}
      </div>
      {contacts.length > 1 && <Contacts contacts={contacts.slice(1)} />}
    </>
  )
}

/** Who comes after them is told by no source: that is said, so that nobody looks for it. */
function Untold({ facts }: Known) {
  const fact = facts.find(({ field }) => field.startsWith('on-call/'))
  return <p className="py-1.5 text-12 text-text-3">Next: not told{fact && ` by ${fact.source.split('/').at(-1)}`}</p>
}

/** Who is on call, and until when; or who takes over, and when in both zones. */
function OnCall({ duty: { name, role, from, until, person } }: { duty: DutyFragment }) {
  const { primary, secondary } = useZones()
  const now = useNow()
  const away = person?.timeZone && person.timeZone !== primary.id ? person.timeZone : null
  const title = /^(primary)?$/i.test(role) ? '' : role
  const start = from ? Date.parse(from) : 0
  const end = until ? Date.parse(until) : 0
  const words =
    start > now
      ? `Next ${title}`.trim() + `: ${day(start, primary.id, now)} ${stamp(start, primary.id)}` + (primary.id === secondary.id ? '' : ` (${stamp(start, secondary.id)})`)
      : capital(title || 'on call') + (away ? `, ${clock(now, away)} in ${zoneLabel(away)}` : end ? ` until ${day(end, primary.id, now).split(' ')[0]} ${clock(end, primary.id)}` : '')
  return (
    <div className="flex min-h-[42px] items-center gap-[9px] py-1 leading-4">
      <Avatar kind="person" name={person ? nameOf(person) : name} size={22} />
      <div className="min-w-0 flex-1">
        {person ? <EntityLink entity={person} className="font-medium hover:underline" /> : <b className="font-medium">{name}</b>}
        <span className="block text-12 text-text-3">{words}</span>
      </div>
      {person?.email && start <= now && (
        <a href={`mailto:${person.email}`} className="flex min-h-6 items-center link text-[12.5px]">
          Mail<span className="sr-only"> {name}</span>
        </a>
      )}
    </div>
  )
}

/** `brief` is for a line that has little room: an address is longer than what can be done with it. */
function Contact({ contact, brief }: { contact: { type: string; value: string; title?: string | null } | undefined; brief?: boolean }) {
  if (!contact) return null
  const href = isWeb(contact.value) ? contact.value : /^[^\s@]+@[^\s@]+$/.test(contact.value) ? `mailto:${contact.value}` : null
  const words = brief && href?.startsWith('mailto:') ? 'Mail' : contact.title || contact.value
  if (!href) return <span className="text-[12.5px] text-text-2">{words}</span>
  return (
    <a href={href} target="_blank" rel="noreferrer" title={contact.value} className="link max-w-40 truncate text-[12.5px]">
      {words}
    </a>
  )
}

function Contacts({ contacts, email }: { contacts: Known['contacts']; email?: string | null }) {
  const all = email ? [{ type: 'email', value: email }, ...contacts] : contacts
  if (all.length === 0) return null
  return (
    <>
      <Heading>Contacts</Heading>
      <ul>
        {all.map((contact) => (
          <li key={contact.type + contact.value} className="flex gap-2 leading-6">
            <span className="w-24 flex-none text-text-3">{contact.type}</span>
            <Contact contact={contact} />
          </li>
        ))}
      </ul>
    </>
  )
}

function Links({ links }: { links: Known['links'] }) {
  const all = openings(links.filter((link) => isWeb(link.url)))
  useShortcuts(
    all
      .filter((link) => link.key !== null)
      .map((link) => ({ keys: link.key!, label: `Open ${link.label}`, group: 'This page', run: () => void window.open(link.url, '_blank', 'noreferrer') })),
  )
  if (all.length === 0) return null
  return (
    <>
      <Heading>Open</Heading>
      <ul className="-mx-[7px] grid grid-cols-2 gap-x-1.5">
        {all.map((link) => (
          <li key={link.type + link.url} className="min-w-0">
            <a href={link.url} target="_blank" rel="noreferrer" title={link.label} className="flex h-7 items-center gap-2 rounded-6 px-[7px] hover:bg-hover max-sm:h-11">
              <Icon of={linkIcons[link.type] ?? ExternalLink} size={15} className="text-text-3" />
              <span className="flex-1 truncate">{link.label}</span>
              {link.key && <Kbd bare>{link.key}</Kbd>}
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex leading-6">
      <dt className="w-24 flex-none truncate text-text-3" title={name}>
        {name}
      </dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  )
}

function Attributes({ entity }: { entity: Known }) {
  const rows: [string, ReactNode][] = [
    ['Platform', entity.platform],
    ['Deployed by', entity.deployedBy],
    ['End users', entity.userFacing === null || entity.userFacing === undefined ? null : entity.userFacing ? 'feel its loss' : 'do not feel its loss'],
    ['Time zone', entity.timeZone && zoneLabel(entity.timeZone)],
  ]
  const known = rows.filter(([, value]) => value)
  if (known.length === 0) return null
  return (
    <>
      <Heading>About</Heading>
      <dl>
        {known.map(([name, value]) => (
          <Row key={name} name={name}>
            {value}
          </Row>
        ))}
      </dl>
    </>
  )
}

function Relations({ title, relations }: { title: string; relations: readonly RelationLineFragment[] }) {
  if (relations.length === 0) return null
  const sorted = relations
    .map((relation) => ({ relation, ...stateOf(relation.entity.condition) }))
    .sort((a, b) => byStatus(a.status, b.status) || latest(b.relation) - latest(a.relation))
  // Where nobody looks at the traffic, that a thing is only declared says nothing.
  const looked = relations.some((relation) => relation.evidence !== 'declared')
  return (
    <>
      <Heading count={relations.length}>{title}</Heading>
      <ul>
        {sorted.map(({ relation, status, words }) => (
          <li key={relation.type + relation.entity.ref} className="flex h-6 items-center gap-2 max-sm:h-9">
            <StatusGlyph status={status} label={words} />
            {/* The name is whole; what has no room beside it goes to a line below, which is not seen. */}
            <span className="flex h-6 min-w-0 flex-1 flex-wrap items-center gap-x-2 overflow-hidden max-sm:h-9">
              <EntityLink entity={relation.entity} className="max-w-full truncate leading-6 hover:underline max-sm:leading-9" />
              {looked && relation.evidence !== 'both' && (
                <span
                  className="text-12 leading-6 text-text-3"
                  title={relation.evidence === 'observed' ? 'Seen in traffic; no descriptor declares it' : 'Declared; not seen in traffic'}
                >
                  {relation.evidence}
                </span>
              )}
              {relation.entity.lastEvent && (
                <span className="ml-auto flex-none text-12 leading-6 text-text-3">
                  {relation.entity.lastEvent.kind} <Age ms={Date.parse(relation.entity.lastEvent.startedAt)} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function latest(relation: RelationLineFragment): number {
  return relation.entity.lastEvent ? Date.parse(relation.entity.lastEvent.startedAt) : 0
}

function Members({ title, entities }: { title: string; entities: Known['parts'] }) {
  if (entities.length === 0) return null
  return (
    <>
      <Heading count={entities.length}>{title}</Heading>
      <ul>
        {entities.map((entity) => (
          <li key={entity.ref} className="flex min-h-7 items-center gap-2 py-1 max-sm:min-h-9">
            {entity.kind === 'person' ? (
              <Avatar kind="person" name={nameOf(entity)} />
            ) : (
              <Icon of={kindIcons[entity.kind]} className="mx-0.5 text-text-3" />
            )}
            <EntityLink entity={entity} className="-my-0.5 min-w-0 py-0.5 break-words hover:underline" />
          </li>
        ))}
      </ul>
    </>
  )
}
