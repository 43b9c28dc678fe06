import { FileSearch, TriangleAlert } from 'lucide-react'
import { Icon } from '@/components/Icon'
import type { EntityQuery } from '@/gql/graphql'
import { span } from '@/time/format'
import { useNow } from '@/time/now'
import { valueText } from './facts'

type Entity = NonNullable<EntityQuery['entity']>

/** Where every fact comes from, how old it is, and who says otherwise. */
export function Facts({ entity }: { entity: Entity }) {
  const now = useNow()
  const { facts } = entity
  if (facts.length === 0) return null
  const disputed = facts.filter((fact) => fact.disagreeing.length > 0).length
  const sources = [...new Set(facts.map((fact) => fact.source))]
  const confirmed = Math.max(...facts.map((fact) => Date.parse(fact.confirmedAt)))
  const ago = (iso: string) => span(Math.max(0, now - Date.parse(iso)))
  return (
    <details className="mt-4 text-12 text-text-3">
      <summary className="flex items-center gap-[5px] rounded-4 py-1 [&::-webkit-details-marker]:hidden">
        <Icon of={FileSearch} size={13} />
        <span className="min-w-0 truncate">
          From{' '}
          <span className="text-accent underline underline-offset-2">
            {sources.length === 1 ? sources[0] : `${sources[0]} and ${sources.length - 1} more`}
          </span>
          , read {span(Math.max(0, now - confirmed))} ago
        </span>
        {disputed > 0 && (
          <span className="ml-auto inline-flex flex-none items-center gap-1 text-warn">
            <Icon of={TriangleAlert} size={12} stroke={2} />
            {disputed} disputed
          </span>
        )}
      </summary>
      <dl className="mt-1 divide-y divide-border border-t border-border">
        {facts.map((fact) => (
          <div key={fact.field} className="py-1.5">
            <dt className="text-text-2">{fact.field}</dt>
            <dd className="[overflow-wrap:anywhere]">
              <span className="text-text">{valueText(fact.value)}</span>
              <span className="block">
                {fact.source}, for {ago(fact.since)}, confirmed {ago(fact.confirmedAt)} ago
              </span>
              {fact.disagreeing.map((other) => (
                <span key={other.source} className="block text-warn">
                  {other.source} says {valueText(other.value)}, for {ago(other.since)}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
