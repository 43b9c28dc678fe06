import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Button } from '@/components/Button'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age } from '@/components/Time'
import { request } from '@/data/client'
import { ClaimAliasDocument, ClaimSearchDocument, UnclaimedDocument, type UnclaimedQuery } from '@/gql/graphql'
import { Link } from '@/router'
import { Page } from '@/shell/Page'
import { keepShared } from '@/shell/search'

type Name = UnclaimedQuery['unclaimed']['nodes'][number]

/** Names that tools use and no entity answers to yet. Saying once whose a name is puts its whole past in place. */
export default function UnclaimedPage() {
  const list = useInfiniteQuery({
    queryKey: ['unclaimed'],
    queryFn: ({ pageParam, signal }) => request(UnclaimedDocument, { after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.unclaimed.next ?? undefined,
  })
  const [claimed, setClaimed] = useState('')
  const names = list.data?.pages.flatMap((page) => page.unclaimed.nodes) ?? []
  return (
    <Page title="Unclaimed" heading count={list.data?.pages[0]?.unclaimed.total} environments={false}>
      <div className="scroll-thin min-h-0 flex-1">
        <div role="status" className={claimed ? 'border-b border-border bg-sunken px-5 py-2 max-sm:px-4' : ''}>
          {claimed}
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
        <ul>
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

function UnclaimedRow({ name, onClaimed }: { name: Name; onClaimed: (words: string) => void }) {
  const queries = useQueryClient()
  const options = useId()
  const [text, setText] = useState('')
  const found = useQuery({
    queryKey: ['claim-search', text],
    queryFn: ({ signal }) => request(ClaimSearchDocument, { q: text }, signal),
    enabled: text.length > 1 && !text.includes(':'),
    placeholderData: (old) => old,
  })
  const claim = useMutation({
    mutationFn: (ref: string) => request(ClaimAliasDocument, { alias: name.alias, ref }),
    onSuccess: ({ claimAlias }) => {
      const { entity, events } = claimAlias
      onClaimed(`${name.alias} is ${entity.title || entity.name}. ${events} ${events === 1 ? 'event is' : 'events are'} in place.`)
      void queries.invalidateQueries()
    },
  })
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-border px-5 py-3 max-sm:px-4">
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
      <div className="flex flex-wrap items-center gap-2">
        {name.suggestions.slice(0, 2).map((s) => (
          <Button key={s.entity.ref} small disabled={claim.isPending} title={s.reason} onClick={() => claim.mutate(s.entity.ref)}>
            It is {s.entity.title || s.entity.name}
          </Button>
        ))}
        <form
          className="flex items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            const ref = text.includes(':') ? text.trim() : `service:${text.trim()}`
            if (text.trim()) claim.mutate(ref)
          }}
        >
          <input
            aria-label={`Whose name is ${name.alias}?`}
            placeholder="service:name"
            list={options}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="h-6 w-44 rounded-[5px] border border-border-control bg-surface px-2 text-12 max-sm:h-9"
          />
          <datalist id={options}>
            {found.data?.search.map((entity) => (
              <option key={entity.ref} value={entity.ref}>
                {entity.title || entity.name}
              </option>
            ))}
          </datalist>
          <Button small type="submit" disabled={claim.isPending || !text.trim()}>
            Claim
          </Button>
        </form>
      </div>
    </li>
  )
}
