import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Button } from '@/components/Button'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age } from '@/components/Time'
import { request } from '@/data/client'
import { EntityPicker } from '@/features/entity/EntityPicker'
import { ClaimAliasDocument, UnclaimAliasDocument, UnclaimedDocument, type UnclaimedQuery } from '@/gql/graphql'
import { Link } from '@/router'
import { Kbd } from '@/components/Badge'
import { useShortcuts } from '@/shell/keys'
import { JobProgress, useJob } from '@/shell/JobProgress'
import { Page } from '@/shell/Page'
import { useMay } from '@/shell/viewer'
import { keepShared } from '@/shell/search'

/** A name that was claimed just now, and whose it is. */
type Claimed = { alias: string; ref: string; words: string }
type Name = UnclaimedQuery['unclaimed']['nodes'][number]

/** Names that tools use and no entity answers to yet. Saying once whose a name is puts its whole past in place. */
export default function UnclaimedPage() {
  const list = useInfiniteQuery({
    queryKey: ['unclaimed'],
    queryFn: ({ pageParam, signal }) => request(UnclaimedDocument, { after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.unclaimed.next ?? undefined,
  })
  const queries = useQueryClient()
  const [claimed, setClaimed] = useState<Claimed | null>(null)
  const undo = useMutation({
    mutationFn: ({ alias, ref }: Claimed) => request(UnclaimAliasDocument, { ref, field: `alias/${alias}` }),
    onSuccess: () => {
      setClaimed(null)
      void queries.invalidateQueries()
    },
  })
  // A long past comes behind the claim; those who may see jobs see how far it has come.
  const progress = useJob(useMay('deliveries.read') && claimed ? `attribute:${claimed.alias}` : undefined)
  const rows = useRef<HTMLUListElement>(null)
  const step = (by: number) => {
    const all = [...(rows.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
    const at = all.findIndex((row) => row.contains(document.activeElement))
    all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]?.focus()
  }
  // One key claims: the suggestion of the name that has the focus.
  const press = (n: number) => document.activeElement?.closest('[data-row]')?.querySelectorAll<HTMLElement>('[data-suggestion]')[n]?.click()
  useShortcuts([
    { keys: 'j, down', label: 'Next name', group: 'Unclaimed', run: () => step(1) },
    { keys: 'k, up', label: 'Previous name', group: 'Unclaimed', run: () => step(-1) },
    { keys: '1', label: 'Claim for the first suggestion', group: 'Unclaimed', run: () => press(0) },
    { keys: '2', label: 'Claim for the second suggestion', group: 'Unclaimed', run: () => press(1) },
    { keys: 'e', label: 'Say whose it is', group: 'Unclaimed', run: () => document.activeElement?.closest('[data-row]')?.querySelector('input')?.focus() },
    { keys: 'u', label: 'Undo the last claim', group: 'Unclaimed', run: () => claimed && undo.mutate(claimed) },
  ])
  const names = list.data?.pages.flatMap((page) => page.unclaimed.nodes) ?? []
  return (
    <Page title="Unclaimed" heading count={list.data?.pages[0]?.unclaimed.total} environments={false}>
      <div className="scroll-thin min-h-0 flex-1">
        <div role="status" className={claimed ? 'flex items-center gap-3 border-b border-border bg-sunken px-5 py-2 max-sm:px-4' : ''}>
          {claimed && (
            <>
              {claimed.words}
              <Button small disabled={undo.isPending} onClick={() => undo.mutate(claimed)}>
                Undo
              </Button>
              {progress.data && progress.data.state !== 'done' && <JobProgress job={progress.data} />}
              {undo.isError && <span className="text-crit">{undo.error.message}</span>}
            </>
          )}
        </div>
        {list.isPending && (
          <Loading what="unclaimed names">
            <div className="p-5">
              <Bar width="40%" />
              <Bar width="55%" />
            </div>
          </Loading>
        )}
        {list.isError && names.length === 0 && (
          <ErrorState title="The unclaimed names could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
        )}
        {list.isSuccess && names.length === 0 && (
          <EmptyState title="Every name is claimed">When a tool speaks of something that no entity answers to, its name waits here, with its events.</EmptyState>
        )}
        {names.length > 0 && (
          <p className="border-b border-border px-5 py-2.5 text-pretty text-text-2 max-sm:px-4">
            Tools speak of these, and nothing on the roll answers to the name yet. Say once whose a name is, and its events, those of before too, move to that page.
          </p>
        )}
        <ul ref={rows}>
          {names.map((name) => (
            <UnclaimedRow key={name.alias} name={name} onClaimed={setClaimed} />
          ))}
        </ul>
        {list.hasNextPage && (
          <div className="p-5">
            <Button onClick={() => void list.fetchNextPage()}>Show more</Button>
          </div>
        )}
      </div>
    </Page>
  )
}

function UnclaimedRow({ name, onClaimed }: { name: Name; onClaimed: (claimed: Claimed) => void }) {
  const queries = useQueryClient()
  const claim = useMutation({
    mutationFn: (ref: string) => request(ClaimAliasDocument, { alias: name.alias, ref }),
    onSuccess: ({ claimAlias }) => {
      const { entity, events } = claimAlias
      onClaimed({ alias: name.alias, ref: entity.ref, words: `${name.alias} is ${entity.title || entity.name}. ${events} ${events === 1 ? 'event is' : 'events are'} in place.` })
      void queries.invalidateQueries()
    },
  })
  return (
    <li data-row tabIndex={-1} className="group flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-border px-5 py-3 -outline-offset-2 focus:bg-selected max-sm:px-4">
      <div className="min-w-0 flex-1 basis-72">
        <code className="text-[12.5px] font-medium [overflow-wrap:anywhere]">{name.alias}</code>
        <p className="text-[12.5px] text-text-3">
          {name.events.toLocaleString('en')} {name.events === 1 ? 'event' : 'events'}, the last <Age ms={Date.parse(name.lastAt)} />
          {name.example && (
            <>
              {': '}
              <Link to="/e/$event" params={{ event: name.example.id }} search={keepShared} className="text-text-2 underline underline-offset-2">
                {name.example.title}
              </Link>
            </>
          )}
        </p>
        {claim.isError && (
          <p role="alert" className="text-crit">
            {claim.error.message}
          </p>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-2 max-sm:w-full sm:ml-auto">
        {name.suggestions.slice(0, 2).map((s, i) => (
          <Button key={s.entity.ref} data-suggestion small disabled={claim.isPending} title={`${s.reason}. ${moves(name.events)}`} onClick={() => claim.mutate(s.entity.ref)}>
            It is {s.entity.title || s.entity.name}
            {s.entity.kind !== 'service' && ` (${s.entity.kind})`}
            <span aria-hidden>
              <Kbd bare>{i + 1}</Kbd>
            </span>
          </Button>
        ))}
        <EntityPicker
          label={`Whose name is ${name.alias}?`}
          placeholder="Find whose it is"
          onPick={(entity) => claim.mutate(entity.ref)}
          end
          className="w-56 max-sm:w-full"
        />
      </div>
    </li>
  )
}

/** What a claim does to the past. */
function moves(events: number): string {
  return events === 1 ? 'Its one event goes there, and all that come.' : `Its ${events.toLocaleString('en')} events go there, and all that come.`
}
