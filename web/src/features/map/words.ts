import { nameOf } from '@/features/entity/EntityLink'
import type { MapNodeShownFragment, MapQuery } from '@/gql/graphql'
import type { Status } from '@/components/shapes'

export type MapData = MapQuery['map']
export type MapNode = MapNodeShownFragment
export type MapEdge = MapData['edges'][number]

export function titleOf(node: MapNode): string {
  if (node.entity) return nameOf(node.entity)
  return node.owner ? nameOf(node.owner) : 'Owned by nobody'
}

/** The small line below the name. */
export function subtitleOf(node: MapNode): string {
  if (!node.entity) return `${node.members} entities`
  return node.owner ? nameOf(node.owner) : 'Nobody owns it'
}

/** An open incident is worse than an open alert. */
export function statusOf(node: MapNode): Status {
  if (!node.trouble) return 'calm'
  return node.trouble.kind === 'incident' ? 'crit' : 'warn'
}

export function columnWords(layer: number): string {
  const steps = Math.abs(layer)
  if (layer === 0) return ''
  if (layer === -1) return 'Calls it'
  if (layer === 1) return 'It calls'
  return steps === 2 ? 'One step further' : `${['Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'][steps - 3] ?? steps - 1} steps further`
}

/** How a node is related to the focus. */
export function relationWords(distance: number): string {
  if (distance === 0) return 'in focus'
  const steps = Math.abs(distance) === 1 ? '' : ` in ${Math.abs(distance)} steps`
  return distance < 0 ? `calls it${steps}` : `is called${steps}`
}

/** What a node shows by place and shape alone, in words for those who hear it. */
export function unseen(node: MapNode, focused: boolean): string {
  const parts: string[] = []
  if (focused) parts.push(relationWords(node.distance))
  if (node.trouble) parts.push(`${node.trouble.kind} open: ${node.trouble.title}`)
  if (node.single) parts.push(`${node.dependants} depend on it`)
  if (node.circle) parts.push('in a circle')
  if (node.change) parts.push(node.change.kind)
  return parts.length ? `, ${parts.join(', ')}` : ''
}
