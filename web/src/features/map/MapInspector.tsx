import { useQuery } from '@tanstack/react-query'
import { LocateFixed, UserX, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Avatar } from '@/components/Avatar'
import { Button, buttonClass, IconButton } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { StatusGlyph } from '@/components/shapes'
import { ErrorState } from '@/components/states'
import { Time } from '@/components/Time'
import { request } from '@/data/client'
import { EntityLink, nameOf } from '@/features/entity/EntityLink'
import { EntityPicker } from '@/features/entity/EntityPicker'
import { languageName } from '@/features/entity/facts'
import { PartView } from '@/features/feed/FeedRow'
import { describe } from '@/features/feed/wording'
import { type EntityRefFragment, FeedDocument, type MapEventFragment, MapInspectorDocument, PathsDocument } from '@/gql/graphql'
import { Link } from '@/router'
import { kindIcon } from '@/shell/kindIcon'
import { keepShared } from '@/shell/search'
import { useKinds } from '@/shell/viewer'
import { clock, day } from '@/time/format'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'
import { type MapData, type MapNode, statusOf, titleOf } from './words'

export function Heading({ children, count }: { children: ReactNode; count?: number }) {
  return (
    <h2 className="mt-4 mb-1 text-12 font-medium text-text-3">
      {children}
      {count !== undefined && <span className="ml-1.5 font-normal">{count}</span>}
    </h2>
  )
}

/** So many of the newest changes are told: the feed has all of them. */
const CHANGES = 3

type InspectorProps = { node: MapNode; map: MapData; onSelect: (id: string) => void; onCenter: (node: MapNode) => void; onClose: () => void }

/** What is chosen on the map: whom to ask, what changed in it, and what it is joined to. */
export function MapInspector({ node, map, onSelect, onCenter, onClose }: InspectorProps) {
  const ref = node.entity?.ref
  const { primary } = useZones()
  const now = useNow()
  const kinds = useKinds()
  const query = useQuery({
    queryKey: ['map-inspector', ref],
    queryFn: async ({ signal }) => (await request(MapInspectorDocument, { ref: ref! }, signal)).entity ?? null,
    enabled: ref !== undefined,
  })
  const entity = query.data
  const since = node.change?.startedAt
  const feed = useQuery({
    queryKey: ['map-changes', ref, since],
    queryFn: async ({ signal }) => (await request(FeedDocument, { filter: { entities: [ref!], classes: ['change'] }, first: CHANGES }, signal)).feed.rows,
    enabled: ref !== undefined && since !== undefined,
  })
  const changes = ref === undefined || feed.isError ? [] : feed.data?.map((row) => ({ id: row.id, event: row.event, line: describe(row, kinds, ref) }))
  const duty = entity?.onCall[0]
  const callers = map.edges.filter((edge) => edge.to === node.id)
  const calls = map.edges.filter((edge) => edge.from === node.id)
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="scroll-thin min-h-0 flex-1 px-4 pt-4 pb-4">
        <div className="flex items-center gap-2">
          <StatusGlyph status={statusOf(node)} />
          <h2 className="min-w-0 flex-1 truncate text-16">{titleOf(node)}</h2>
          <IconButton label="Close" onClick={onClose}>
            <Icon of={X} size={15} />
          </IconButton>
        </div>
        {query.isError && <ErrorState title="It could not be loaded" error={query.error} onRetry={() => void query.refetch()} />}
        {entity?.description && <p className="mt-1 text-text-2">{entity.description}</p>}
        {entity && (
          <p className="text-text-2">{[(entity.language && languageName(entity.language)) || entity.type || entity.kind, entity.tier !== null && entity.tier !== undefined ? `tier ${entity.tier}` : ''].filter(Boolean).join(', ')}</p>
        )}
        {!node.entity && <p className="mt-1 text-text-2">{node.members} entities stand here together.</p>}
        {entity && (
          <div className="mt-3 flex min-h-[46px] items-center gap-2.5 rounded-8 border border-border px-2.5 leading-[17px]">
            {duty ? <Avatar kind="person" name={duty.person ? nameOf(duty.person) : duty.name} size={24} /> : <Icon of={UserX} size={15} className="text-text-3" />}
            <div className="min-w-0 flex-1">
              <b className="block truncate font-medium">{duty ? (duty.person ? nameOf(duty.person) : duty.name) : 'Nobody known on call'}</b>
              <span className="block truncate text-12 text-text-3">
                {[
                  entity.owner ? nameOf(entity.owner) : 'Nobody owns it',
                  duty?.until ? `on call to ${day(Date.parse(duty.until), primary.id, now).split(' ')[0]} ${clock(Date.parse(duty.until), primary.id)}` : duty ? 'on call' : '',
                ]
                  .filter(Boolean)
                  .join(', ')}
              </span>
            </div>
            {duty?.person?.email && (
              <a href={`mailto:${duty.person.email}`} className={buttonClass('plain', true)}>
                Mail
              </a>
            )}
          </div>
        )}
        {node.trouble && (
          <>
            <Heading count={node.troubles > 1 ? node.troubles : undefined}>Open</Heading>
            <Happened event={node.trouble}>
              <span className="line-clamp-2">{node.trouble.title}</span>
            </Happened>
          </>
        )}
        {node.change && (
          <>
            <Heading>Changed</Heading>
            {/* As the feed folds it: of a rollout the pods that came and went say nothing. */}
            {changes?.map((row) => (
              <Happened key={row.id} event={row.event}>
                <span className="flex min-w-0 flex-wrap items-center gap-x-1.5">
                  {row.line.group && <b>{row.line.group}</b>}
                  {row.line.parts.map((part, i) => (
                    <PartView key={i} part={part} start={false} />
                  ))}
                </span>
              </Happened>
            ))}
            {changes?.length === 0 && (
              <Happened event={node.change}>
                <span className="line-clamp-2">{node.change.title}</span>
              </Happened>
            )}
          </>
        )}
        {node.dependants > 0 && (
          <>
            <Heading>Depended on</Heading>
            <p className="text-text-2">
              {node.dependants} {node.dependants === 1 ? 'entity depends' : 'entities depend'} on {node.entity ? 'it' : 'one of them'}, directly or through others.
            </p>
          </>
        )}
        <Ends title="Called by" ids={callers.map((edge) => edge.from)} map={map} onSelect={onSelect} />
        <Ends title="Calls" ids={calls.map((edge) => edge.to)} map={map} onSelect={onSelect} />
      </div>
      <div className="flex flex-none gap-2 border-t border-border p-4 *:flex-1 *:justify-center">
        <Button onClick={() => onCenter(node)}>
          <Icon of={LocateFixed} />
          Centre here
        </Button>
        {node.entity ? (
          <EntityLink entity={node.entity} className={buttonClass('primary')}>
            Open {node.entity.kind}
          </EntityLink>
        ) : (
          node.owner && (
            <EntityLink entity={node.owner} className={buttonClass('primary')}>
              Open {node.owner.kind}
            </EntityLink>
          )
        )}
      </div>
    </div>
  )
}

/** What happened to it, with its kind, and when. */
function Happened({ event, children }: { event: Pick<MapEventFragment, 'id' | 'kind' | 'startedAt'>; children: ReactNode }) {
  const kinds = useKinds()
  return (
    <>
      <Link to="/e/$event" params={{ event: event.id }} search={keepShared} className="-mx-1.5 flex items-center gap-2.5 rounded-6 px-1.5 py-1 hover:bg-hover">
        <span className="grid size-6 flex-none place-items-center rounded-full border border-border text-text-2">
          <Icon of={kindIcon(kinds.get(event.kind)?.icon)} size={13} />
        </span>
        <span className="min-w-0">{children}</span>
      </Link>
      <p className="pb-1 pl-[34px] text-12 text-text-3">
        <Time iso={event.startedAt} />
      </p>
    </>
  )
}

function Ends({ title, ids, map, onSelect }: { title: string; ids: string[]; map: MapData; onSelect: (id: string) => void }) {
  if (ids.length === 0) return null
  const ends = ids.flatMap((id) => map.nodes.find((node) => node.id === id) ?? [])
  return (
    <>
      <Heading count={ends.length}>{title}</Heading>
      <ul>
        {ends.map((end) => (
          <li key={end.id}>
            <button type="button" onClick={() => onSelect(end.id)} className="-mx-1.5 flex min-h-7 w-[calc(100%+12px)] items-center gap-2 rounded-6 px-1.5 hover:bg-hover max-sm:min-h-11">
              <StatusGlyph status={statusOf(end)} />
              <span className="min-w-0 flex-1 truncate">{titleOf(end)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

type SummaryProps = { map: MapData; from?: EntityRefFragment; to: string; onTo: (ref: string) => void }

/** What the map as a whole says: what much hangs on, what goes in circles, and the ways from the focus to something. */
export function MapSummary({ map, from, to, onTo }: SummaryProps) {
  return (
    <>
      {from && <Paths from={from} to={to} onTo={onTo} />}
      <Heading count={map.singlePoints.length}>Single points of failure</Heading>
      {map.singlePoints.length === 0 ? (
        <p className="text-text-3">Nothing here is needed by a quarter of all that depends on anything.</p>
      ) : (
        <ul>
          {map.singlePoints.map(({ entity, dependants }) => (
            <li key={entity.ref} className="flex min-h-7 items-center gap-2 max-sm:min-h-11">
              <EntityLink entity={entity} className="min-w-0 py-0.5 break-words hover:underline" />
              <span className="ml-auto flex-none text-12 text-text-3">{dependants.toLocaleString('en')} depend on it</span>
            </li>
          ))}
        </ul>
      )}
      <Heading count={map.circles.length}>Circles</Heading>
      {map.circles.length === 0 ? (
        <p className="text-text-3">Nothing here depends on itself by way of others.</p>
      ) : (
        <ul className="space-y-1.5">
          {map.circles.map((members, i) => (
            <Circle key={i} members={members} />
          ))}
        </ul>
      )}
    </>
  )
}

/** So many of a circle are named at first: that of a large organisation can be most of it. */
const NAMED = 8
/** So many of a circle the server tells at most. */
const TOLD = 50

function Circle({ members }: { members: EntityRefFragment[] }) {
  const [whole, setWhole] = useState(false)
  const rest = members.length - NAMED
  if (whole || rest <= 1) {
    return (
      <li className="text-text-2">
        <Stops stops={members} between=", " />
      </li>
    )
  }
  return (
    <li className="text-text-2">
      {members.length < TOLD ? members.length : `At least ${TOLD}`} in one circle: <Stops stops={members.slice(0, NAMED)} between=", " />{' '}
      <button type="button" className="link min-h-6" onClick={() => setWhole(true)}>
        and {rest} more
      </button>
    </li>
  )
}

function Stops({ stops, between }: { stops: EntityRefFragment[]; between: string }) {
  return stops.map((stop, i) => (
    <span key={stop.ref}>
      {i > 0 && <span className="text-text-3">{between}</span>}
      <EntityLink entity={stop} className="underline decoration-border-strong underline-offset-2 hover:decoration-current" />
    </span>
  ))
}

function Paths({ from, to, onTo }: { from: EntityRefFragment; to: string; onTo: (ref: string) => void }) {
  const query = usePaths(from.ref, to)
  return (
    <>
      <Heading>Paths from {nameOf(from)}</Heading>
      <EntityPicker
        label={`To what does ${nameOf(from)} lead?`}
        placeholder="to a service or resource"
        kinds={['service', 'resource', 'api']}
        value={to.replace(/^\w+:/, '')}
        onPick={(entity) => onTo(entity.ref)}
        onClear={() => onTo('')}
      />
      {query.isError && (
        <p role="alert" className="mt-1.5 text-crit">
          {query.error.message}
        </p>
      )}
      {query.data?.paths.length === 0 && <p className="mt-1.5 text-text-2">It does not depend on it, by no number of steps.</p>}
      {query.data && query.data.paths.length > 0 && (
        <ol className="mt-1.5 space-y-1.5">
          {query.data.paths.map((path, i) => (
            <li key={i} className="text-text-2">
              <Stops stops={path.stops} between=" › " />
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

export function usePaths(from: string | undefined, to: string) {
  return useQuery({
    queryKey: ['paths', from, to],
    queryFn: ({ signal }) => request(PathsDocument, { from: from!, to }, signal),
    enabled: Boolean(from && to),
  })
}
