import { lazy, Suspense, useMemo, useSyncExternalStore } from 'react'
import { Pin } from 'lucide-react'
import { Badge } from '@/components/Badge'
import { Avatar } from '@/components/Avatar'
import { IconButton } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { partTab } from '@/components/tabs'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Annotations } from '@/features/entity/Annotations'
import { nameOf } from '@/features/entity/EntityLink'
import { Actions, type Known, Profile } from '@/features/entity/Profile'
import { ServiceTabs } from '@/features/entity/ServiceTabs'
import { useEntity } from '@/features/entity/useEntity'
import { ENTITY_FROM, EntityFeed, scopeOf } from '@/features/feed/EntityFeed'
import { IncidentStrip } from '@/features/incident/IncidentStrip'
import { SuspectMarks } from '@/features/incident/SuspectMarks'
import { useEventCommand } from '@/shell/commands'
import { togglePin, usePins } from '@/shell/pins'
import { type Crumb, Page } from '@/shell/Page'
import { keepShared, useUrl } from '@/shell/search'
import { Link, navigate, useLocation } from '@/router'

type Props = { kind: string; name: string; crumbs: Crumb[] }

/** One entity: what it is on the left, what changed in it on the right. On a phone, one after the other by tabs. */
export function EntityScreen({ kind, name, crumbs }: Props) {
  const query = useEntity(`${kind}:${name}`)
  const entity = query.data
  const title = entity ? nameOf(entity) : name
  return (
    <Page
      title={title}
      heading={!entity}
      crumbs={crumbs}
      defaultFrom={ENTITY_FROM}
      environments={entity !== null}
      phoneActions={entity?.kind === 'service' ? <PinButton name={entity.name} /> : undefined}
    >
      {query.isPending && <Pending name={name} />}
      {query.isError && !entity && (
        <ErrorState title={`${name} could not be loaded`} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {entity === null && <Unknown kind={kind} name={name} />}
      {entity?.kind === 'service' && <IncidentStrip service={entity.name} known={entity.openIncidents} />}
      {entity && <Screen entity={entity} />}
      {entity && <Annotations entity={entity} />}
    </Page>
  )
}

function PinButton({ name }: { name: string }) {
  const pinned = usePins().includes(name)
  return (
    <IconButton label={pinned ? 'Unpin' : 'Pin'} aria-pressed={pinned} onClick={() => togglePin(name)} className={pinned ? '!text-accent' : ''}>
      <Icon of={Pin} size={20} />
    </IconButton>
  )
}

const Holdings = lazy(() => import('@/features/map/Holdings'))

/**
 * What a team or person owns and a system holds is as much their page as what changed, and on a phone so is what they are:
 * which of them is shown is in the URL.
 */
type Part = 'changes' | 'services' | 'profile'

function usePart(entity: Known): [Part, (part: Part) => void] {
  const { part } = useUrl()
  const { pathname } = useLocation()
  const shown = part === 'profile' || (part === 'services' && holds(entity)) ? part : 'changes'
  // What narrows the changes narrows nothing of what is held; behind the profile it waits.
  const go = (next: Part) =>
    navigate({ to: pathname, search: (old) => ({ ...([shown, next].includes('services') ? keepShared(old) : old), part: next === 'changes' ? undefined : next }) })
  return [shown, go]
}

/** How many a service calls and is called by. */
const near = ({ kind, dependsOn, dependedOnBy }: Known) => (kind === 'service' ? dependsOn.length + dependedOnBy.length : 0)

const holds = ({ kind }: Known) => kind === 'team' || kind === 'system' || kind === 'person'

function PartName({ part, entity }: { part: Part; entity: Known }) {
  if (part !== 'services') return part === 'changes' ? 'Changes' : 'Profile'
  const count = (entity.kind === 'system' ? entity.parts : entity.owns).filter((one) => one.kind !== 'api').length
  return (
    <>
      {entity.kind === 'system' ? 'Parts' : 'Owns'} <span className="ml-1.5 text-12 font-normal text-text-3">{count}</span>
    </>
  )
}

function Parts({ entity }: { entity: Known }) {
  const [shown, go] = usePart(entity)
  return (
    <nav aria-label={`Of this ${entity.kind}`} className="flex flex-none gap-5 border-b border-border px-5">
      {(['changes', 'services'] as const).map((part) => (
        <button key={part} type="button" aria-current={(shown === 'services') === (part === 'services') ? 'page' : undefined} onClick={() => go(part)} className={partTab}>
          <PartName part={part} entity={entity} />
        </button>
      ))}
    </nav>
  )
}

/** On a phone the parts stand one after the other, and the profile is one of them. */
function PhoneParts({ entity }: { entity: Known }) {
  const [shown, go] = usePart(entity)
  const parts: Part[] = holds(entity) ? ['changes', 'services', 'profile'] : ['changes', 'profile']
  return (
    <div role="group" aria-label="Part of the page" className="mx-4 mt-3 mb-2.5 grid flex-none auto-cols-fr grid-flow-col rounded-[9px] bg-sunken p-[3px]">
      {parts.map((part) => (
        <button
          key={part}
          type="button"
          aria-pressed={shown === part}
          onClick={() => go(part)}
          className={cx(
            'flex h-[38px] items-center justify-center rounded-[7px] text-14',
            shown === part ? 'bg-surface font-medium shadow-[0_0_0_1px_var(--border)]' : 'text-text-2',
          )}
        >
          <PartName part={part} entity={entity} />
        </button>
      ))}
      {near(entity) > 0 && (
        <Link to="/s/$service/deps" params={{ service: entity.name }} search={keepShared} className="flex h-[38px] items-center justify-center text-14 text-text-2">
          Depends on
        </Link>
      )}
    </div>
  )
}

/** Whom one reaches: who is on call, or on a person's own page that person. */
function Duty({ entity }: { entity: Known }) {
  const [part] = usePart(entity)
  const duty = entity.onCall[0]
  const person = entity.kind === 'person'
  const name = person ? nameOf(entity) : duty ? (duty.person ? nameOf(duty.person) : duty.name) : ''
  const about = person
    ? [entity.email, entity.timeZone]
    : [entity.owner ? nameOf(entity.owner) : entity.kind === 'team' ? '' : 'Nobody owns it', duty ? 'on call' : '']
  return (
    <div className="flex flex-none items-center gap-2.5 px-4 pt-2.5">
      <Avatar kind={name ? 'person' : 'unknown'} name={name} size={34} />
      <div className="min-w-0 flex-1 leading-[18px]">
        {part !== 'profile' && <h1 className="sr-only">{nameOf(entity)}</h1>}
        <b className="block truncate font-medium">{name || 'Nobody known on call'}</b>
        <span className="block truncate text-13 text-text-3">{about.filter(Boolean).join(', ')}</span>
      </div>
      {entity.tier !== null && entity.tier !== undefined && <Badge tone="outline">Tier {entity.tier}</Badge>}
    </div>
  )
}

const wide = '(width >= 640px)'

function useWide(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(wide)
      media.addEventListener('change', changed)
      return () => media.removeEventListener('change', changed)
    },
    () => matchMedia(wide).matches,
  )
}

function Screen({ entity }: { entity: Known }) {
  const desktop = useWide()
  const [part] = usePart(entity)
  const { ref, kind, name, title } = entity
  const base = useMemo(() => scopeOf({ ref, kind, name, title }), [ref, kind, name, title])
  const feed = <EntityFeed key={ref} entity={ref} base={base} name={nameOf(entity)} dependencies={entity.kind === 'service' && entity.dependsOn.length > 0} />
  const changes = kind === 'service' ? <SuspectMarks service={name} known={entity.openIncidents}>{feed}</SuspectMarks> : feed
  const main =
    part === 'services' ? (
      <Suspense fallback={null}>
        <Holdings entity={entity} />
      </Suspense>
    ) : (
      changes
    )
  if (desktop) {
    return (
      <div className="grid min-h-0 flex-1 grid-cols-[308px_minmax(0,1fr)] max-xl:grid-cols-[280px_minmax(0,1fr)]">
        <aside aria-label="Profile" className="scroll-thin border-r border-border px-4 pt-4 pb-5">
          <Profile entity={entity} />
        </aside>
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {holds(entity) && <Parts entity={entity} />}
          {near(entity) > 0 && <ServiceTabs service={name} dependencies={near(entity)} />}
          {main}
        </div>
      </div>
    )
  }
  return (
    <>
      <Duty entity={entity} />
      <Actions entity={entity} />
      <PhoneParts entity={entity} />
      {part === 'profile' ? (
        <div className="scroll-thin min-h-0 flex-1 px-4 pb-5">
          <Profile entity={entity} />
        </div>
      ) : (
        main
      )}
    </>
  )
}

function Pending({ name }: { name: string }) {
  return (
    <Loading what={name}>
      <div className="w-[308px] max-w-full p-4">
        <Bar width="70%" />
        <Bar width="45%" />
        <Bar width="90%" />
        <Bar width="80%" />
      </div>
    </Loading>
  )
}

/** No such entity; for a service, the command that makes it. */
function Unknown({ kind, name }: { kind: string; name: string }) {
  const command = useEventCommand(name)
  return (
    <EmptyState title={`No ${kind} is called ${name}`} command={kind === 'service' ? command : undefined}>
      {kind === 'service' ? 'It would appear with its first event. Send one:' : 'It may have another name, or no source has told of it yet.'}
    </EmptyState>
  )
}
