import { Repeat, ShieldAlert } from 'lucide-react'
import { Badge } from '@/components/Badge'
import { Icon } from '@/components/Icon'
import { StatusGlyph } from '@/components/shapes'
import { Age } from '@/components/Time'
import { EntityLink } from '@/features/entity/EntityLink'
import { kindIcon } from '@/shell/kindIcon'
import { useKinds } from '@/shell/viewer'
import { type MapData, type MapNode, relationWords, statusOf, subtitleOf, titleOf } from './words'

/** Everything that the picture shows, as a table. */
export function MapTable({ map, focused }: { map: MapData; focused: boolean }) {
  return (
    <table className="w-full border-collapse text-left">
      <caption className="sr-only">Entities of the map with what they depend on</caption>
      <thead>
        <tr className="h-8 border-b border-border text-12 text-text-2 *:px-3 *:font-medium *:whitespace-nowrap *:first:pl-5">
          <th scope="col">Name</th>
          <th scope="col">Owner</th>
          {focused && <th scope="col">To the focus</th>}
          <th scope="col">Calls</th>
          <th scope="col">Last change</th>
          <th scope="col">Trouble</th>
          <th scope="col" className="text-right">
            Depend on it
          </th>
        </tr>
      </thead>
      <tbody>
        {map.nodes.map((node) => (
          <Row key={node.id} node={node} map={map} focused={focused} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ node, map, focused }: { node: MapNode; map: MapData; focused: boolean }) {
  const calls = map.edges.filter((edge) => edge.from === node.id).flatMap((edge) => map.nodes.find((other) => other.id === edge.to) ?? [])
  return (
    <tr className="border-b border-border align-top *:px-3 *:py-2 *:first:pl-5 hover:bg-hover">
      <th scope="row" className="font-normal whitespace-nowrap">
        <span className="flex items-center gap-1.5">
          <StatusGlyph status={statusOf(node)} />
          {node.entity ? <EntityLink entity={node.entity} className="font-semibold hover:underline" /> : <b>{titleOf(node)}</b>}
          {node.entity && node.entity.kind !== 'service' && <span className="text-12 text-text-3">{node.entity.type || node.entity.kind}</span>}
          {node.single && (
            <Badge tone="outline" title={`${node.dependants} depend on it, directly or through others`}>
              <Icon of={ShieldAlert} size={12} />
              single point
            </Badge>
          )}
          {node.circle && (
            <Badge tone="outline">
              <Icon of={Repeat} size={11} />
              circle {node.circle}
            </Badge>
          )}
        </span>
      </th>
      <td className="text-text-2">{node.owner ? <EntityLink entity={node.owner} className="hover:underline" /> : subtitleOf(node)}</td>
      {focused && <td className="whitespace-nowrap text-text-2">{relationWords(node.distance)}</td>}
      <td className="max-w-[320px] text-text-2">{calls.map(titleOf).join(', ')}</td>
      <td className="whitespace-nowrap text-text-2">{node.change && <Recent node={node} />}</td>
      <td className="max-w-[260px] text-text-2">{node.trouble?.title}</td>
      <td className="text-right text-text-2">{node.dependants}</td>
    </tr>
  )
}

function Recent({ node }: { node: MapNode }) {
  const kinds = useKinds()
  if (!node.change) return null
  return (
    <span className="inline-flex items-center gap-1.5">
      <Icon of={kindIcon(kinds.get(node.change.kind)?.icon)} size={13} />
      <Age ms={Date.parse(node.change.startedAt)} />
    </span>
  )
}

const recency = (node: MapNode) => (node.trouble ? Infinity : node.change ? Date.parse(node.change.startedAt) : 0)
const changedFirst = (a: MapNode, b: MapNode) => (recency(b) > recency(a) ? 1 : recency(b) < recency(a) ? -1 : a.id < b.id ? -1 : 1)

/** The map for a narrow page: callers above the focus, what it calls below, and below each of those what it calls itself. */
export function MapTree({ map, focused }: { map: MapData; focused: boolean }) {
  const next = (node: MapNode) =>
    map.edges.filter((edge) => edge.from === node.id).flatMap((edge) => map.nodes.find((other) => other.id === edge.to && (!focused || other.distance > 1)) ?? [])
  if (!focused) {
    return (
      <ul className="px-4 pt-2">
        {map.nodes.toSorted(changedFirst).map((node) => (
          <TreeNode key={node.id} node={node} next={next(node)} />
        ))}
      </ul>
    )
  }
  const callers = map.nodes.filter((node) => node.distance < 0).sort(changedFirst)
  const roots = map.nodes.filter((node) => node.distance === 0)
  const calls = map.nodes.filter((node) => node.distance === 1).sort(changedFirst)
  return (
    <div className="px-4 pt-2">
      {callers.length > 0 && (
        <>
          <h2 className="mb-1.5 text-13 font-medium text-text-3">Calls it</h2>
          <ul className="ml-3 border-l-2 border-border-strong pl-3">
            {callers.map((node) => (
              <TreeNode key={node.id} node={node} next={[]} />
            ))}
          </ul>
        </>
      )}
      <ul>
        {roots.map((node) => (
          <TreeNode key={node.id} node={node} next={[]} root />
        ))}
      </ul>
      {calls.length > 0 && (
        <>
          <h2 className="mt-2 mb-1.5 flex justify-between text-13 font-medium text-text-3">
            It calls <span className="font-normal">changed first</span>
          </h2>
          <ul className="ml-3 border-l-2 border-border-strong pl-3">
            {calls.map((node) => (
              <TreeNode key={node.id} node={node} next={next(node)} />
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function TreeNode({ node, next, root }: { node: MapNode; next: MapNode[]; root?: boolean }) {
  const status = statusOf(node)
  return (
    <li className="mb-2">
      <div
        className={`flex min-h-12 items-center gap-2 rounded-8 border px-2.5 py-1.5 leading-[19px] ${status === 'crit' ? 'border-crit-solid bg-crit-weak' : status === 'warn' ? 'border-warn-solid' : 'border-border-strong'} ${root ? 'border-2' : ''} ${status !== 'calm' && !root ? 'border-dashed' : ''}`}
      >
        <StatusGlyph status={status} label={node.trouble ? `${node.trouble.kind} open` : undefined} />
        <span className="min-w-0 flex-1">
          {node.entity ? <EntityLink entity={node.entity} className="-my-0.5 block py-0.5 font-semibold break-words" /> : <b className="block truncate">{titleOf(node)}</b>}
          <span className="block truncate text-13 text-text-3" title={subtitleOf(node)}>
            {subtitleOf(node)}
            {node.single && ', single point'}
            {node.circle && ', in a circle'}
          </span>
        </span>
        <span className="flex-none text-right text-13 text-text-2">
          {node.trouble && <span className={`block ${status === 'crit' ? 'text-crit' : 'text-warn'}`}>{node.trouble.kind}</span>}
          <Recent node={node} />
        </span>
      </div>
      {next.length > 0 && (
        <ul aria-label={`${titleOf(node)} calls`} className="mt-1.5 flex flex-wrap gap-1.5">
          {next.map((other) => (
            <li key={other.id} className="rounded-full border border-border px-2.5 py-0.5 text-13 text-text-2">
              {other.entity ? <EntityLink entity={other.entity} /> : titleOf(other)}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
