import { Dotted } from '@/components/Dotted'
import { EntityLink } from '@/features/entity/EntityLink'
import type { IncidentPartsFragment } from '@/gql/graphql'
import { impactWords, told } from './impact'

/** What is at stake: what the tool that paged said of it, and what the roll knows of what is in trouble. */
export function Impact({ incident }: { incident: IncidentPartsFragment }) {
  const words = told(incident.signals)
  const { callers, first } = incident.impact
  return (
    <section aria-label="Impact" className="mt-1 text-text-2">
      {words && (
        <p className="line-clamp-2 text-text max-sm:line-clamp-1" title={words.text}>
          {words.text} <span className="text-text-3">{words.source}</span>
        </p>
      )}
      <Dotted>
        {impactWords(incident).map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
        <span>
          {callers === 0 ? 'nothing known depends on it' : `${callers.toLocaleString('en')} ${callers === 1 ? 'depends' : 'depend'} on it`}
          {first.map((entity, i) => (
            <span key={entity.ref} className="max-sm:hidden">
              {i === 0 ? ': ' : ', '}
              <EntityLink entity={entity} className="underline underline-offset-2" />
            </span>
          ))}
          {callers > first.length && first.length > 0 && <span className="max-sm:hidden">, …</span>}
        </span>
      </Dotted>
    </section>
  )
}
