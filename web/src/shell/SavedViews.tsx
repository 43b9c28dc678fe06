import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus, Users, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '@/components/Button'
import { Checkbox } from '@/components/controls'
import { Icon } from '@/components/Icon'
import { viewTab } from '@/components/tabs'
import { request } from '@/data/client'
import { RemoveViewDocument, SaveViewDocument, type SavedViewFragment, type ViewInput, type ViewPage, ViewsDocument } from '@/gql/graphql'
import { Link } from '@/router'
import { parseSearch } from '@/url/search'
import { queryOf, sameView, show } from '@/url/view'
import { useUrl } from './search'
import { useMay, useViewer } from './viewer'

const ADDRESS = { feed: '/feed', services: '/services' } as const

type Props = {
  page: ViewPage
  /** Whether what is shown has a name already, so that there is nothing to save. */
  named: boolean
}

/** The views that the reader saved, those that colleagues share, and a way to save what is shown. */
export default function SavedViews({ page, named }: Props) {
  const url = useUrl()
  const queries = useQueryClient()
  const known = useViewer()?.viewer
  const maySave = useMay('views.save') && known?.kind !== 'anonymous'
  const key = ['views', page] as const
  const views = useQuery({ queryKey: key, queryFn: async ({ signal }) => (await request(ViewsDocument, { page }, signal)).views, staleTime: 60_000 })
  const again = () => void queries.invalidateQueries({ queryKey: key })
  const remove = useMutation({
    mutationFn: (view: SavedViewFragment) => request(RemoveViewDocument, { id: view.id }),
    onMutate: (view) => queries.setQueryData<SavedViewFragment[]>(key, (old) => old?.filter((one) => one.id !== view.id)),
    onSettled: again,
  })
  const all = views.data ?? []
  const shown = all.filter((view) => sameView(parseSearch(view.query), url))
  return (
    <>
      {all.map((view) => {
        const on = shown.includes(view)
        const by = view.owner.replace(/^\w+:/, '')
        return (
          <span key={view.id} className="flex flex-none items-center">
            <Link
              to={ADDRESS[page]}
              search={(old) => show(parseSearch(view.query), old)}
              aria-current={on ? 'page' : undefined}
              title={view.shared ? `Shared by ${by}` : undefined}
              className={viewTab(on)}
            >
              {view.shared && (
                <>
                  <Icon of={Users} size={13} className="text-text-3" />
                  <span className="sr-only">Shared: </span>
                </>
              )}
              {view.name}
            </Link>
            {on && view.removable && (
              <button
                type="button"
                aria-label={`Remove the view ${view.name}`}
                onClick={() => remove.mutate(view)}
                className="grid size-6 place-items-center rounded-6 text-text-3 hover:bg-hover max-sm:size-9"
              >
                <Icon of={X} size={12} stroke={2} />
              </button>
            )}
          </span>
        )
      })}
      {remove.isError && (
        <span role="alert" className="flex flex-none items-center px-2 text-12 text-crit">
          {remove.error.message}
        </span>
      )}
      {views.isSuccess && !named && shown.length === 0 && maySave && <SaveForm page={page} query={queryOf(url)} onSaved={again} />}
    </>
  )
}

function SaveForm({ page, query, onSaved }: { page: ViewPage; query: string; onSaved: () => void }) {
  const [naming, setNaming] = useState(false)
  const mayShare = useMay('views.share')
  const save = useMutation({
    mutationFn: (input: ViewInput) => request(SaveViewDocument, { input }),
    onSuccess: () => {
      setNaming(false)
      onSaved()
    },
  })
  if (!naming)
    return (
      <button
        type="button"
        onClick={() => setNaming(true)}
        className="flex flex-none items-center gap-1.5 px-2 whitespace-nowrap text-text-3 -outline-offset-2 hover:text-text max-sm:min-h-[34px]"
      >
        <Icon of={Plus} size={13} />
        Save view
      </button>
    )
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    save.mutate({ page, query, name: String(form.get('name')), shared: form.get('shared') !== null })
  }
  return (
    <form className="flex flex-none items-center gap-2 px-2 whitespace-nowrap" onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && setNaming(false)}>
      <input
        name="name"
        required
        maxLength={60}
        autoFocus
        autoComplete="off"
        aria-label="Name of the view"
        placeholder="Name of the view"
        className="h-6 w-40 rounded-6 border border-border-control bg-surface px-2 text-12"
      />
      {mayShare && (
        <label className="flex items-center gap-1.5 text-12 text-text-2">
          <Checkbox name="shared" />
          For everybody
        </label>
      )}
      <Button small type="submit" disabled={save.isPending}>
        Save
      </Button>
      {save.isError && (
        <span role="alert" className="text-12 text-crit">
          {save.error.message}
        </span>
      )}
    </form>
  )
}
