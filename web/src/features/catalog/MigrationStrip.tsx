import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '@/components/Button'
import { CopyButton } from '@/components/states'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'
import { everything } from './everything'
import { markdown, progress } from './migration'
import { type CatalogParams, toFilter } from './params'

const MOST = 2000

/** How far the migration that is filtered for has come: by team, and what is left. */
export default function MigrationStrip({ what, params }: { what: string; params: CatalogParams }) {
  const [open, setOpen] = useState(false)
  const filter = toFilter(params)
  const query = useQuery({ queryKey: ['migration', filter], queryFn: ({ signal }) => everything(filter, MOST, signal) })
  if (!query.data) return null
  const state = progress(query.data.rows, what)
  const share = state.all ? Math.round((100 * state.done) / state.all) : 0
  return (
    <section aria-label="Migration" className="flex-none border-b border-border bg-sunken px-4 py-2">
      <div className="flex flex-wrap items-center gap-3">
        <b>{what}</b>
        <Progress done={state.done} all={state.all} />
        <span className="text-text-2">
          {state.done.toLocaleString('en')} of {state.all.toLocaleString('en')} done, {share} %
        </span>
        {query.data.total > query.data.rows.length && <span className="text-text-3">of the first {MOST.toLocaleString('en')}</span>}
        <span className="ml-auto flex gap-2">
          <Button small aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide teams' : 'By team'}
          </Button>
          <CopyButton text={markdown(what, state)} label="Copy as Markdown" look="plain" />
        </span>
      </div>
      {open && (
        <ul className="scroll-thin mt-2 max-h-[34vh] border-t border-border pt-1">
          {state.teams.map(({ team, done, left }) => (
            <li key={team} className="flex min-h-7 flex-wrap items-baseline gap-x-3">
              <span className="w-32 flex-none truncate font-medium">{team}</span>
              <Progress done={done} all={done + left.length} />
              <span className="w-16 flex-none text-12 text-text-3">
                {done} of {done + left.length}
              </span>
              <span className="min-w-0 flex-1 text-text-2">
                {left.length === 0
                  ? 'all done'
                  : left.map((name, i) => (
                      <span key={name}>
                        {i > 0 && ', '}
                        <Link to="/s/$service" params={{ service: name }} search={keepShared} className="inline-block min-h-6 leading-6 underline decoration-border-strong underline-offset-2">
                          {name}
                        </Link>
                      </span>
                    ))}
              </span>
            </li>
          ))}
          <li className="pt-1 text-12 text-text-3">Done is what carries the tag migrated:{what} as well. Set it by descriptor, by the API, or with “Edit all”.</li>
        </ul>
      )}
    </section>
  )
}

function Progress({ done, all }: { done: number; all: number }) {
  return (
    <span aria-hidden className="relative h-1.5 w-24 flex-none overflow-hidden rounded-[3px] bg-border">
      <span className="absolute inset-y-0 left-0 bg-text-2" style={{ width: `${all ? (100 * done) / all : 0}%` }} />
    </span>
  )
}
