import { ChevronRight } from 'lucide-react'
import { Badge } from '@/components/Badge'
import { Icon } from '@/components/Icon'
import { StatusGlyph } from '@/components/shapes'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'
import { Strength, Told } from './Strength'
import { StatusBadge } from './StatusBadge'
import { useIncidents, useRanking } from './useIncident'

const open = ['open', 'acknowledged']

/** Across the page of a service that is in trouble: the incident, and the first of its suspects. */
export default function IncidentStrip({ service }: { service: string }) {
  const incident = useIncidents({ statuses: open, services: [service] }).data?.pages[0]?.incidents.nodes[0]
  const ranking = useRanking(incident?.number).data?.incident?.suspects
  if (!incident) return null
  const first = ranking?.suspects[0]
  return (
    <Link
      to="/i/$incident"
      params={{ incident: String(incident.number) }}
      search={keepShared}
      className="flex min-h-10 flex-none flex-wrap items-center gap-x-3 gap-y-1 border-b border-crit-border bg-crit-weak px-5 py-1.5 hover:brightness-[.98] max-sm:relative max-sm:pr-10 max-sm:pl-4"
    >
      <span className="flex min-w-0 items-center gap-3">
        <StatusGlyph status={incident.status === 'open' ? 'crit' : 'warn'} label={incident.status === 'open' ? 'Open' : 'Acknowledged'} />
        <span className="min-w-0 truncate">
          <span className="text-text-2">INC-{incident.number}</span> <b className="font-medium">{incident.title}</b>
        </span>
      </span>
      <StatusBadge incident={incident} />
      {incident.severity ? <Badge tone="outline">SEV {incident.severity}</Badge> : null}
      {first && (
        <span className="flex min-w-0 items-center gap-2 max-sm:basis-full">
          <span className="flex-none text-text-2">Suspect 1:</span>
          <span className="truncate">
            <Told event={first.event} />
          </span>
          <Strength suspect={first} />
        </span>
      )}
      <Icon of={ChevronRight} size={15} className="ml-auto flex-none text-text-3 max-sm:absolute max-sm:right-4" />
    </Link>
  )
}
