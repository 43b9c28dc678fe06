import { Badge } from '@/components/Badge'
import type { IncidentLineFragment } from '@/gql/graphql'
import { exactSpan } from '@/time/format'
import { useNow } from '@/time/now'

/** Whether it lasts, and for how long. */
export function StatusBadge({ incident }: { incident: Pick<IncidentLineFragment, 'status' | 'openedAt' | 'resolvedAt'> }) {
  const now = useNow()
  const opened = Date.parse(incident.openedAt)
  if (incident.status === 'resolved') {
    const ended = Date.parse(incident.resolvedAt ?? incident.openedAt)
    return <Badge tone="plain">Resolved after {exactSpan(Math.max(0, ended - opened))}</Badge>
  }
  return <Badge tone="solid">{`${incident.status === 'open' ? 'Firing' : 'Acknowledged, firing'} ${exactSpan(Math.max(0, now - opened)).split(' ').slice(0, 2).join(' ')}`}</Badge>
}
