import { Button, buttonClass } from '@/components/Button'
import { EmptyState } from '@/components/states'
import type { Health } from '@/gql/graphql'
import { Link } from '@/router'
import { useEntityCommand } from '@/shell/commands'
import { keepShared } from '@/shell/search'
import { useViewer } from '@/shell/viewer'
import { type CatalogParams, isFiltered, NO_FILTER } from './params'
import type { Change } from './useCatalogUrl'
import { HEALTH_WORDS, spelled } from './wording'

/** No row passes: says what the filters ask for, and the way back. */
export function NoMatch({ params, onChange }: { params: CatalogParams; onChange: Change }) {
  const all = useViewer()?.viewer.counts.find((c) => c.kind === 'service')?.count
  if (!isFiltered(params)) return <NothingInView view={params.view} onChange={onChange} />
  return (
    <EmptyState
      title={`No service ${filterWords(params)}`}
      actions={
        <>
          <Button small onClick={() => onChange(NO_FILTER)}>
            Clear filters
          </Button>
          {params.view !== 'all' && (
            <Button small look="ghost" onClick={() => onChange({ view: 'all' })}>
              Look in all services
            </Button>
          )}
        </>
      }
    >
      {all ? `Without these filters there ${all === 1 ? 'is one service' : `are ${all.toLocaleString('en')} services`}.` : ''}
      {params.q ? ' Search looks at names, descriptions, tags, owners and links, and forgives one typo a word.' : ''}
    </EmptyState>
  )
}

/** The filter in words: "matches “checkot” in Go and tier 0". */
export function filterWords(params: CatalogParams): string {
  const or = (words: string[]) => words.join(' or ')
  return [
    params.q ? `matches “${params.q}”` : 'is here',
    params.health.length ? `with ${or(params.health.map((health) => HEALTH_WORDS[health as Health]))}` : '',
    params.tier.length ? `in tier ${or(params.tier)}` : '',
    params.language.length ? `in ${or(params.language.map(spelled))}` : '',
    params.platform.length ? `on ${or(params.platform.map(spelled))}` : '',
    params.lifecycle.length ? `in ${or(params.lifecycle)}` : '',
    params.team.length ? `of ${or(params.team)}` : '',
    params.system.length ? `in the system ${or(params.system)}` : '',
    params.tag.length ? `tagged ${params.tag.join(' and ')}` : '',
  ]
    .filter(Boolean)
    .join(', ')
}

function NothingInView({ view, onChange }: { view: CatalogParams['view']; onChange: Change }) {
  const back = (
    <Button small onClick={() => onChange({ view: 'all' })}>
      Show all services
    </Button>
  )
  switch (view) {
    case 'today':
      return (
        <EmptyState title="Nothing changed today" actions={back}>
          No event of today names a service. If that surprises you, look whether your sources still send.
        </EmptyState>
      )
    case 'nobody':
      return (
        <EmptyState title="Somebody is on call for every service" actions={back}>
          As far as the roll has been told.
        </EmptyState>
      )
    case 'unowned':
      return (
        <EmptyState title="Every service has an owner" actions={back}>
          As far as the roll has been told.
        </EmptyState>
      )
    default:
      return <FirstService />
  }
}

/** The command that puts a first service on the roll. */
export function FirstService({ alone }: { alone?: boolean }) {
  const command = useEntityCommand('service', 'my-service', { owner: 'team:my-team', language: 'go', description: 'What it does for whom.' })
  return (
    <EmptyState
      title={alone ? 'Only Tidings itself is on the roll' : 'No services yet'}
      command={command}
      actions={
        <Link to="/start" search={keepShared} className={buttonClass('plain', true)}>
          All ways to begin
        </Link>
      }
    >
      Put one there from this shell. A service also appears with its first event, or from a file in its repository.
    </EmptyState>
  )
}
