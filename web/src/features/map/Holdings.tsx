import { useQuery } from '@tanstack/react-query'
import { ShieldAlert, UserX } from 'lucide-react'
import { Badge } from '@/components/Badge'
import { Icon } from '@/components/Icon'
import { stateOf, StatusGlyph } from '@/components/shapes'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age } from '@/components/Time'
import { request } from '@/data/client'
import { EntityLink } from '@/features/entity/EntityLink'
import { HoldingsDocument, type HoldingsQuery } from '@/gql/graphql'
import { Link } from '@/router'
import { kindIcon } from '@/shell/kindIcon'
import { keepShared } from '@/shell/search'
import { useKinds } from '@/shell/viewer'
import { byHealth, drift, gaps, type Holding } from './holdings'

type Props = { entity: { ref: string; kind: string; name: string } }

/** What a team owns, or a system holds: in trouble first, with what is missing of it and where it drifted. */
export default function Holdings({ entity }: Props) {
  const query = useQuery({
    queryKey: ['holdings', entity.ref],
    queryFn: async ({ signal }) => (await request(HoldingsDocument, { focus: [entity.ref] }, signal)).map,
    refetchInterval: 60_000,
  })
  if (query.isPending) {
    return (
      <Loading what="services">
        <div className="p-5">
          <Bar width="35%" />
          <Bar width="50%" />
          <Bar width="45%" />
        </div>
      </Loading>
    )
  }
  if (query.isError) return <ErrorState title="They could not be loaded" error={query.error} onRetry={() => void query.refetch()} />
  return <Shown map={query.data} entity={entity} />
}

function Shown({ map, entity }: Props & { map: HoldingsQuery['map'] }) {
  const own = map.nodes.filter((node): node is Holding => node.distance === 0 && node.entity !== null && node.id !== entity.ref).sort(byHealth)
  if (own.length === 0) {
    return (
      <EmptyState title={entity.kind === 'system' ? 'Nothing is part of it yet' : 'It owns nothing yet'}>
        {entity.kind === 'system' ? 'A service joins a system by “system” in its descriptor.' : 'A service is owned by a team by “owner” in its descriptor, or by hand in the catalog.'}
      </EmptyState>
    )
  }
  const troubled = own.filter(({ entity: { condition } }) => condition?.health === 'incident' || condition?.health === 'alert').length
  const drifted = drift(map.edges, new Set(own.map((node) => node.id)))
  const names = new Map(map.nodes.flatMap((node) => (node.entity ? [[node.id, node.entity] as const] : [])))
  return (
    <div className="scroll-thin min-h-0 flex-1 pb-6">
      <p className="border-b border-border px-5 py-2 text-text-2 max-sm:px-4">
        {own.length} {own.length === 1 ? 'entity' : 'entities'}, {troubled === 0 ? 'none with an open alert' : `${troubled} with an open alert or incident`}.{' '}
        <Link to="/map" search={(old) => ({ ...keepShared(old), focus: entity.ref })} className="link underline underline-offset-2">
          Show on the map
        </Link>
      </p>
      <ul>
        {own.map((node) => (
          <Row key={node.id} node={node} />
        ))}
      </ul>
      <h2 className="px-5 pt-5 pb-1 text-12 font-medium text-text-3 max-sm:px-4">Drift {drifted.length > 0 && drifted.length}</h2>
      {drifted.length === 0 ? (
        <p className="px-5 text-text-3 max-sm:px-4">
          {map.edges.some((edge) => edge.evidence !== 'declared') ? 'What is declared and what is seen agree.' : 'Nobody looks at the traffic here, so that it cannot be told whether what is declared is so.'}
        </p>
      ) : (
        <ul className="px-5 max-sm:px-4">
          {drifted.map(({ from, to, words }) => (
            <li key={`${from}>${to}`} className="leading-7">
              {names.get(from) && <EntityLink entity={names.get(from)!} className="font-medium hover:underline" />} <span className="text-text-2">{words}</span>{' '}
              {names.get(to) && <EntityLink entity={names.get(to)!} className="font-medium hover:underline" />}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Row({ node }: { node: Holding }) {
  const kinds = useKinds()
  const { entity, trouble } = node
  const { status, words } = stateOf(entity.condition)
  const missing = gaps(node)
  const event = trouble ?? entity.lastEvent
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-0.5 border-b border-border px-5 py-1.5 hover:bg-hover max-sm:px-4">
      <span className="flex w-56 min-w-0 flex-none items-center gap-1.5 max-sm:w-full">
        <StatusGlyph status={status} label={words} />
        <EntityLink entity={entity} className="min-w-0 font-semibold break-words hover:underline sm:py-0.5" />
        {entity.tier !== null && <span className="flex-none text-12 text-text-3">tier {entity.tier}</span>}
        {entity.kind !== 'service' && <span className="flex-none text-12 text-text-3">{entity.kind}</span>}
      </span>
      <span className="flex w-40 flex-none items-center gap-1.5 truncate text-text-2 max-lg:hidden">
        {entity.onCall[0] ? (
          entity.onCall[0].name
        ) : entity.kind === 'service' ? (
          <>
            <Icon of={UserX} className="text-warn" />
            Nobody on call
          </>
        ) : null}
      </span>
      <span className="flex min-w-0 flex-1 items-center gap-2 text-text-2">
        {event && (
          <>
            <Icon of={kindIcon(kinds.get(event.kind)?.icon)} className="text-text-3" />
            <Link to="/e/$event" params={{ event: event.id }} search={keepShared} title={event.title} className="min-w-0 truncate hover:underline sm:leading-6">
              {event.title}
            </Link>
            <Age ms={Date.parse(event.startedAt)} className="flex-none text-12 text-text-3" />
          </>
        )}
      </span>
      <span className="flex flex-none items-center gap-1.5">
        {node.single && (
          <Badge tone="outline" title={`${node.dependants} depend on it, directly or through others`}>
            <Icon of={ShieldAlert} size={12} />
            single point
          </Badge>
        )}
        {missing.length > 0 && <span className="text-12 text-text-3">no {missing.join(', ')}</span>}
      </span>
    </li>
  )
}
