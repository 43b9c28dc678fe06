import { useState } from 'react'
import { Button } from '@/components/Button'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Time } from '@/components/Time'
import { EntityPicker } from '@/features/entity/EntityPicker'
import type { EntityKind } from '@/gql/graphql'
import { useNavigate } from '@/router'
import { useShortcuts } from '@/shell/keys'
import { Page } from '@/shell/Page'
import { useUrl } from '@/shell/search'
import { instant, splitList } from '@/url/search'
import { Picture } from './Picture'
import { Suspects } from './Suspects'
import { useSuspectsAt } from './useIncident'

const IN_TROUBLE: EntityKind[] = ['service', 'resource', 'api']

/** The same ranking for any service and time, without an incident. */
export default function AtPage() {
  const url = useUrl()
  const navigate = useNavigate()
  const services = splitList(url.service)
  const at = instant(url.t, Date.now())
  const env = splitList(url.env)[0] ?? null
  // A relative or absent time is asked once as it stands, and not again at each tick.
  const [asked, setAsked] = useState(() => at ?? Date.now())
  const time = url.t && !url.t.startsWith('-') ? at : asked
  const query = useSuspectsAt(services, time === null ? null : new Date(time).toISOString(), env)
  const [current, setCurrent] = useState(1)
  const ranking = query.data?.suspects
  const choose = (rank: number) => {
    setCurrent(rank)
    document.getElementById(`suspect-${rank}`)?.scrollIntoView({ block: 'nearest' })
  }
  useShortcuts([1, 2, 3, 4, 5].map((rank) => ({ keys: String(rank), label: `Go to suspect ${rank}`, group: 'Suspects', hidden: rank > 1, run: () => choose(rank) })))
  return (
    <Page title={services.length ? `What could it be? ${services.join(', ')}` : 'What could it be?'} heading crumbs={[{ label: 'Feed', to: '/feed' }]}>
      <form
        key={url.service ?? ''}
        className="flex flex-none flex-wrap items-end gap-2 border-b border-border px-5 py-2.5 max-sm:px-4"
        onSubmit={(event) => {
          event.preventDefault()
          const form = new FormData(event.currentTarget)
          const typed = String(form.get('t') ?? '').trim()
          const when = typed ? new Date(typed) : null
          setAsked(Date.now())
          navigate({
            to: '.',
            search: (old) => ({ ...old, t: when && !Number.isNaN(when.getTime()) ? when.toISOString().replace(/\.\d{3}Z$/, 'Z') : undefined }),
          })
        }}
      >
        <div className="text-12 text-text-3">
          <span aria-hidden>Service in trouble</span>
          <EntityPicker
            label="Service in trouble"
            placeholder="checkout-api"
            kinds={IN_TROUBLE}
            value={services.join(', ')}
            onPick={({ kind, name, ref }) => {
              setAsked(Date.now())
              navigate({ to: '.', search: (old) => ({ ...old, service: kind === 'service' ? name : ref }) })
            }}
            onClear={() => navigate({ to: '.', search: (old) => ({ ...old, service: undefined }) })}
            className="mt-0.5 w-56 text-[13px]"
          />
        </div>
        <label className="text-12 text-text-3">
          Since about (your time; empty is now)
          <input name="t" type="datetime-local" step={1} defaultValue={time !== null && url.t ? local(time) : ''} className="mt-0.5 block h-8 rounded-6 border border-border-control bg-surface px-2 text-[13px] text-text max-sm:h-11 max-sm:text-[16px]" />
        </label>
        <Button type="submit" look="primary" className="!h-8">
          Ask
        </Button>
        {ranking && (
          <span className="pb-1.5 text-text-3">
            at <Time iso={ranking.onset} />
          </span>
        )}
      </form>
      {services.length === 0 && <EmptyState title="Name a service and a time">What changed in it, and in what it depends on, is ranked with reasons. The address of this page is the question: it can be pasted into a chat.</EmptyState>}
      {services.length > 0 && query.isPending && (
        <Loading what="the suspects">
          <div className="p-5">
            <Bar width="60%" />
            <Bar width="45%" />
          </div>
        </Loading>
      )}
      {query.isError && !ranking && <ErrorState title="The suspects could not be ranked" error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && services.length > 0 && !ranking && <EmptyState title={`No service is called ${services.join(', ')}`}>It may have another name, or no source has told of it yet.</EmptyState>}
      {ranking && (
        <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,517fr)_minmax(0,671fr)] max-lg:block max-lg:overflow-y-auto">
          <div className="scroll-thin min-h-0 border-r border-border max-lg:border-r-0">
            <Suspects ranking={ranking} current={current} onCurrent={choose} />
          </div>
          <div className="scroll-thin min-h-0">
            <Picture ranking={ranking} mark="Asked" current={current} onCurrent={choose} />
          </div>
        </div>
      )}
    </Page>
  )
}

/** An instant as a field of the browser wants it: the reader's own clock. */
function local(ms: number): string {
  const shifted = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 19)
}
