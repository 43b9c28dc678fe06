import { ChevronRight } from 'lucide-react'
import { Badge } from '@/components/Badge'
import { Icon } from '@/components/Icon'
import { StatusGlyph } from '@/components/shapes'
import { Bar } from '@/components/states'
import type { IncidentLineFragment } from '@/gql/graphql'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'
import { Strength, Told } from './Strength'
import { StatusBadge } from './StatusBadge'
import { useIncidents, useRanking } from './useIncidents'

const open = ['open', 'acknowledged']

type Props = {
  service: string
  /** What the page already knows, so that the strip is painted with it and moves nothing. */
  known: readonly IncidentLineFragment[]
}

/** Across the page of a service that is in trouble: the incident, and the first of its suspects. */
export function IncidentStrip({ service, known }: Props) {
  const incident = useIncidents({ statuses: open, services: [service] }, known).data?.pages[0]?.incidents.nodes[0]
  if (!incident) return null
  return (
    <Link
      to="/i/$incident"
      params={{ incident: String(incident.number) }}
      search={keepShared}
      className="flex h-10 flex-none items-center gap-x-3 overflow-hidden border-b border-crit-border bg-crit-weak px-5 hover:brightness-[.98] max-sm:relative max-sm:h-auto max-sm:flex-wrap max-sm:gap-y-1 max-sm:py-1.5 max-sm:pr-10 max-sm:pl-4"
    >
      <span className="flex min-w-0 items-center gap-3">
        <StatusGlyph status={incident.status === 'open' ? 'crit' : 'warn'} label={incident.status === 'open' ? 'Open' : 'Acknowledged'} />
        <span className="min-w-0 truncate max-sm:whitespace-normal" title={incident.title}>
          <span className="text-text-2">INC-{incident.number}</span> <b className="font-medium">{incident.title}</b>
        </span>
      </span>
      <StatusBadge incident={incident} />
      {incident.severity ? <Badge tone="outline">SEV {incident.severity}</Badge> : null}
      <FirstSuspect incident={incident.number} />
      <Icon of={ChevronRight} size={15} className="ml-auto flex-none text-text-3 max-sm:absolute max-sm:right-4" />
    </Link>
  )
}

/** Ranking takes a moment: its line is there before it, as high as it will be. */
function FirstSuspect({ incident }: { incident: number }) {
  const { data, isPending } = useRanking(incident)
  const first = data?.incident?.suspects.suspects[0]
  return (
    <span className="flex h-[22px] min-w-0 items-center gap-2 max-sm:basis-full">
      {isPending && <Bar width={160} />}
      {!isPending && !first && <span className="truncate text-text-2">No change stands out</span>}
      {first && (
        <>
          <span className="flex-none text-text-2">Suspect 1:</span>
          <span className="truncate" title={first.event.title}>
            <Told event={first.event} />
          </span>
          <span className="flex max-sm:hidden">
            <Strength suspect={first} />
          </span>
        </>
      )}
    </span>
  )
}
