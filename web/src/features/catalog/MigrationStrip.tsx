import { useQuery } from '@tanstack/react-query'
import { ChartLine, Table2 } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { Button } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { useMedia } from '@/components/media'
import { CopyButton, ErrorState } from '@/components/states'
import { request } from '@/data/client'
import { MigrationDocument } from '@/gql/graphql'
import { Link, useNavigate } from '@/router'
import { keepShared, useUrl } from '@/shell/search'
import type { Search } from '@/url/search'
import MigrationChart from './MigrationChart'
import { markdown, type Progress, teamName } from './migration'
import { type CatalogParams, toFilter } from './params'

const Figures = lazy(() => import('@/components/Figures'))

/** So many names of a team are read at once; the copy has all. */
const SHOWN = 50

/** How far the migration that is filtered for has come: over time, by team, and what is left. */
export default function MigrationStrip({ what, params }: { what: string; params: CatalogParams }) {
  const filter = toFilter(params)
  const url = useUrl()
  const navigate = useNavigate()
  const phone = useMedia('(width < 640px)')
  const query = useQuery({
    queryKey: ['catalog-counts', 'migration', what, filter],
    queryFn: async ({ signal }) => (await request(MigrationDocument, { what, filter }, signal)).migration,
    refetchInterval: 60_000,
  })
  if (query.isError) return <ErrorState title="How far it has come could not be loaded" error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data || query.data.all === 0) return null
  const state = query.data
  const open = url.progress ? url.progress !== 'hidden' : !phone
  const table = url.progress === 'table'
  const show = (progress: 'hidden' | 'chart' | 'table') => void navigate({ to: '.', search: (old: Search) => ({ ...old, progress }), replace: true })
  return (
    <section aria-label="Migration" className="flex-none border-b border-border bg-sunken px-4 py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <b>{what}</b>
        <Bar {...state} />
        <span className="text-text-2">
          {state.done.toLocaleString('en')} of {state.all.toLocaleString('en')} done, {Math.round((100 * state.done) / state.all)} %
        </span>
        <span className="ml-auto flex flex-wrap gap-2 max-sm:ml-0">
          {open && (
            <Button small aria-pressed={table} onClick={() => show(table ? 'chart' : 'table')}>
              <Icon of={table ? ChartLine : Table2} size={13} className="text-text-3" />
              {table ? 'Show as chart' : 'Show as table'}
            </Button>
          )}
          <Button small aria-expanded={open} onClick={() => show(open ? 'hidden' : 'chart')}>
            {open ? 'Hide progress' : 'Progress by team'}
          </Button>
          <CopyButton text={markdown(what, state)} label="Copy as Markdown" look="plain" />
        </span>
      </div>
      {open && (
        <div className="mt-2 grid grid-cols-2 gap-x-6 gap-y-3 border-t border-border pt-2 max-lg:grid-cols-1">
          {table ? (
            <Suspense fallback={<div className="h-[122px]" />}>
              <Figures
                caption={`${what} over time`}
                head={['Done', 'Left', 'In all']}
                rows={state.steps.map(({ at, done, all }) => ({ at: Date.parse(at), figures: [done, all - done, all] }))}
                className="max-h-[122px] bg-sunken"
              />
            </Suspense>
          ) : (
            state.steps.length > 0 && <MigrationChart steps={state.steps} />
          )}
          <Teams teams={state.teams} />
        </div>
      )}
    </section>
  )
}

function Teams({ teams }: { teams: Progress['teams'] }) {
  return (
    <ul aria-label="By team" className="scroll-thin max-h-[122px] max-lg:max-h-[30vh]">
      {teams.map((team) => (
        <li key={team.owner?.ref ?? ''} className="grid grid-cols-[92px_56px_42px_minmax(0,1fr)] items-baseline gap-x-2.5 border-b border-border py-0.5 last:border-0 max-sm:grid-cols-[minmax(0,1fr)_56px_42px]">
          <span className="truncate font-medium" title={teamName(team)}>
            {teamName(team)}
          </span>
          <Bar {...team} />
          <span className="text-12 whitespace-nowrap text-text-3">
            {team.done} of {team.all}
          </span>
          <span className="min-w-0 text-12 text-text-2 max-sm:col-span-full max-sm:text-13">
            {team.left.length === 0 ? 'all done' : 'left: '}
            {team.left.slice(0, SHOWN).map((name, i) => (
              <span key={name}>
                <Link to="/s/$service" params={{ service: name }} search={keepShared} className="inline-block min-h-6 leading-6 whitespace-nowrap underline decoration-border-strong underline-offset-2">
                  {name}
                </Link>
                {i < team.left.length - 1 && ', '}
              </span>
            ))}
            {team.left.length > SHOWN && `and ${(team.left.length - SHOWN).toLocaleString('en')} more`}
          </span>
        </li>
      ))}
      <li className="pt-1 text-12 text-text-3">Done is what carries the tag migrated as well, with the same value. Set it by descriptor, by the API, or with “Edit all”.</li>
    </ul>
  )
}

function Bar({ done, all }: { done: number; all: number }) {
  return (
    // It has no text: a letter that is not seen sets it on the line of those beside it.
    <span aria-hidden className="relative w-14 flex-none leading-5">
      {'\u00a0'}
      <span className="absolute inset-x-0 top-[7px] h-1.5 overflow-hidden rounded-[3px] bg-border forced-color-adjust-none">
        <span className="absolute inset-y-0 left-0 bg-text-2" style={{ width: `${all ? (100 * done) / all : 0}%` }} />
      </span>
    </span>
  )
}
