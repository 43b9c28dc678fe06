import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Badge, type Tone } from '@/components/Badge'
import { Button } from '@/components/Button'
import { Checkbox, Chip } from '@/components/controls'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age, Time } from '@/components/Time'
import { request } from '@/data/client'
import { FollowDocument, FollowsDocument, type FollowsQuery, type PostState, PostsDocument, type PostsQuery, RetryPostDocument, UnfollowDocument, UnmuteDocument } from '@/gql/graphql'
import { Link, navigate } from '@/router'
import { keepShared, useUrl } from '@/shell/search'
import { useMay } from '@/shell/viewer'
import { inputClass, Section, Settings } from '../Settings'
import { type Draft, type Follow, inputOf, whatOf, whenOf } from './follow'

/** Who follows what in chats, what was said there, and what could not be said. */
export default function ChatPage() {
  const follows = useQuery({ queryKey: ['follows'], queryFn: ({ signal }) => request(FollowsDocument, {}, signal) })
  const reads = useMay('deliveries.read')
  return (
    <Settings title="Chat">
      {follows.isPending && (
        <Loading what="who follows what">
          <div className="p-5">
            <Bar width="45%" />
          </div>
        </Loading>
      )}
      {follows.isError && <ErrorState title="It could not be loaded who follows what" error={follows.error} onRetry={() => void follows.refetch()} />}
      {follows.data && <Follows data={follows.data} />}
      {reads && <Posts />}
    </Settings>
  )
}

function Follows({ data }: { data: FollowsQuery }) {
  const may = useMay('sources.write')
  const [adding, setAdding] = useState(false)
  const places = data.sources.filter((source) => source.tool?.class === 'chat')
  return (
    <Section
      title="Who follows what"
      note="A channel, a mailbox or a webhook hears what changes in services, teams, or whatever carries a tag."
      action={
        may &&
        places.length > 0 &&
        !adding && (
          <Button small onClick={() => setAdding(true)}>
            Follow something
          </Button>
        )
      }
    >
      {places.length === 0 && (
        <div className="-mx-5 -mt-3 max-sm:-mx-4">
          <EmptyState title="No chat is connected">
            <Link to="/settings/new-source" search={keepShared} className="text-accent underline underline-offset-2">
              Add Slack, e-mail, Teams, Discord, Mattermost or a webhook
            </Link>{' '}
            as a source first.
          </EmptyState>
        </div>
      )}
      {adding && <NewFollow places={places} onDone={() => setAdding(false)} />}
      {places.length > 0 && data.follows.length === 0 && !adding && <p className="text-text-3">Nobody follows anything yet. In Slack: /tidings follow payments.</p>}
      <ul>
        {data.follows.map((follow) => (
          <FollowRow key={follow.number} follow={follow} may={may} />
        ))}
      </ul>
    </Section>
  )
}

const place = (at: { source: string; channel: string }) => (at.channel ? `${at.source} ${at.channel}` : at.source)

function FollowRow({ follow, may }: { follow: Follow; may: boolean }) {
  const queries = useQueryClient()
  const [sure, setSure] = useState(false)
  const settled = { onSettled: () => void queries.invalidateQueries({ queryKey: ['follows'] }) }
  const end = useMutation({ mutationFn: () => request(UnfollowDocument, { number: follow.number }), ...settled })
  const unmute = useMutation({ mutationFn: (noise: number) => request(UnmuteDocument, { number: follow.number, noise }), ...settled })
  const wrong = end.error ?? unmute.error
  return (
    <li className="border-b border-border py-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <div className="min-w-0 flex-1 basis-64">
          <p className="[overflow-wrap:anywhere]">
            <b className="font-medium">{whatOf(follow)}</b> <span className="text-text-3">to</span> {place(follow)}
          </p>
          <p className="text-[12.5px] text-text-3">
            {whenOf(follow)} · by {follow.by.replace(/^person:/, '')}
          </p>
        </div>
        {may && (
          <span className="flex flex-none justify-end gap-2">
            {!sure && (
              <Button small onClick={() => setSure(true)} aria-label={`End: ${whatOf(follow)} to ${place(follow)}`}>
                End
              </Button>
            )}
            {sure && (
              <>
                <Button small autoFocus disabled={end.isPending} onClick={() => end.mutate()}>
                  Yes, end it
                </Button>
                <Button small look="ghost" onClick={() => setSure(false)}>
                  Keep it
                </Button>
              </>
            )}
          </span>
        )}
      </div>
      {follow.noise.length > 0 && (
        <ul aria-label="Not told" className="mt-1 pl-3">
          {follow.noise.map((rule) => (
            <li key={rule.number} className="flex flex-wrap items-center gap-x-3 text-[12.5px] text-text-2">
              <span className="min-w-0 [overflow-wrap:anywhere]">
                Not told: {rule.text} <span className="text-text-3">({rule.by.replace(/^person:/, '')})</span>
              </span>
              {may && (
                <Button small look="ghost" disabled={unmute.isPending} onClick={() => unmute.mutate(rule.number)} aria-label={`Tell again: ${rule.text}`}>
                  Tell again
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {wrong && (
        <p role="alert" className="mt-1 text-crit">
          {wrong.message}
        </p>
      )}
    </li>
  )
}

function NewFollow({ places, onDone }: { places: FollowsQuery['sources']; onDone: () => void }) {
  const queries = useQueryClient()
  const [draft, setDraft] = useState<Draft>(() => ({
    source: places[0]?.name ?? '', channel: '', about: '', environments: '', when: 'stories', from: '22:00', to: '07:00', at: '09:00',
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone, incidents: false,
  }))
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }))
  const follow = useMutation({
    mutationFn: () => request(FollowDocument, { input: inputOf(draft) }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['follows'] })
      onDone()
    },
  })
  const text = (name: keyof Draft & ('channel' | 'about' | 'environments' | 'zone'), label: string, placeholder: string, required = false) => (
    <label className="block">
      <span className="mb-1 block text-text-2">{label}</span>
      <input className={`${inputClass} w-full`} value={draft[name]} onChange={(event) => set({ [name]: event.target.value })} maxLength={512} required={required} placeholder={placeholder} />
    </label>
  )
  const clock = (name: 'from' | 'to' | 'at', label: string) => (
    <label className="block">
      <span className="mb-1 block text-text-2">{label}</span>
      <input type="time" className={inputClass} value={draft[name]} onChange={(event) => set({ [name]: event.target.value })} required />
    </label>
  )
  return (
    <form
      aria-label="Follow something"
      className="mb-3 flex max-w-[720px] flex-col gap-3 rounded-8 border border-border bg-sunken p-3"
      onSubmit={(event) => {
        event.preventDefault()
        follow.mutate()
      }}
    >
      {text('about', 'What? Services, team:NAME, or tags as key:value', 'team:payments pricing', true)}
      <label className="block">
        <span className="mb-1 block text-text-2">Where?</span>
        <select className={inputClass} value={draft.source} onChange={(event) => set({ source: event.target.value })}>
          {places.map((source) => (
            <option key={source.name} value={source.name}>
              {source.name}
              {source.tool && ` (${source.tool.title})`}
            </option>
          ))}
        </select>
      </label>
      {text('channel', "The chat's id of the channel, or a mail address; empty for a webhook", 'C0PAYMENTS')}
      {text('environments', 'Only in these environments; empty for all', 'production')}
      <label className="block">
        <span className="mb-1 block text-text-2">When?</span>
        <select className={inputClass} value={draft.when} onChange={(event) => set({ when: event.target.value as Draft['when'] })}>
          <option value="stories">Each story, as it happens</option>
          <option value="quiet">The same, but in quiet hours together afterwards</option>
          <option value="digest">All of a day together</option>
        </select>
      </label>
      {draft.when !== 'stories' && (
        <div className="flex flex-wrap gap-3">
          {draft.when === 'quiet' ? (
            <>
              {clock('from', 'Quiet from')}
              {clock('to', 'to')}
            </>
          ) : (
            clock('at', 'At')
          )}
          {text('zone', 'Time zone', 'Europe/Berlin')}
        </div>
      )}
      <label className="flex items-center gap-2 max-sm:min-h-9">
        <Checkbox checked={draft.incidents} onChange={(event) => set({ incidents: event.target.checked })} />
        Incidents as well, at once and at any hour, with what could be their cause
      </label>
      {follow.isError && (
        <p role="alert" className="text-crit">
          {follow.error.message}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={follow.isPending || !draft.about.trim()}>
          Follow it
        </Button>
        <Button look="ghost" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

const STATES: PostState[] = ['dead', 'waiting', 'sent']
const words: Record<PostState, string> = { dead: 'not delivered', waiting: 'waiting', sent: 'sent' }
const tones: Record<PostState, Tone> = { dead: 'crit', waiting: 'outline', sent: 'plain' }

function Posts() {
  const { state } = useUrl()
  const chosen = STATES.find((one) => one === state)
  const queries = useQueryClient()
  const may = useMay('deliveries.replay')
  const list = useInfiniteQuery({
    queryKey: ['posts', chosen],
    queryFn: async ({ pageParam, signal }) => (await request(PostsDocument, { state: chosen ?? null, after: pageParam }, signal)).posts,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: ({ state: { data } }) => ((data?.pages.length ?? 0) > 1 ? false : 5000),
  })
  const retry = useMutation({
    mutationFn: (id: string) => request(RetryPostDocument, { id }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['posts'] }),
  })
  const posts = list.data?.pages.flatMap((page) => page.nodes) ?? []
  const go = (next: PostState | undefined) =>
    navigate({ to: '.', search: ({ state: _, ...rest }) => (next ? { ...rest, state: next } : rest) })
  return (
    <Section title="What was said" note="What could not be delivered was tried for about three hours, unless trying again could not help.">
      <div role="group" aria-label="State" className="mb-2 flex flex-wrap gap-1.5">
        <Chip on={!chosen} onClick={() => go(undefined)}>
          All
        </Chip>
        {STATES.map((one) => (
          <Chip key={one} on={chosen === one} onClick={() => go(chosen === one ? undefined : one)}>
            {words[one]}
          </Chip>
        ))}
      </div>
      {retry.isError && (
        <p role="alert" className="mb-2 text-crit">
          {retry.error.message}
        </p>
      )}
      {list.isPending && (
        <Loading what="what was said">
          <Bar width="60%" />
          <Bar width="50%" />
        </Loading>
      )}
      {list.isError && !list.data && <ErrorState title="What was said could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && posts.length === 0 && (
        <p className="text-text-3">{chosen === 'dead' ? 'All could be delivered.' : chosen ? `Nothing is ${words[chosen]}.` : 'Nothing was said in the last thirty days.'}</p>
      )}
      <ul aria-label="Posts">
        {posts.map((post) => (
          <PostRow key={post.id} post={post} busy={retry.isPending} onRetry={may && post.state === 'dead' ? () => retry.mutate(post.id) : undefined} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button className="mt-3" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Section>
  )
}

function PostRow({ post, busy, onRetry }: { post: PostsQuery['posts']['nodes'][number]; busy: boolean; onRetry: (() => void) | undefined }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-border py-2">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2">
          <Badge tone={tones[post.state]}>{words[post.state]}</Badge>
          <span>{post.topic}</span>
          <span className="min-w-0 text-text-2 [overflow-wrap:anywhere]">{place(post)}</span>
        </p>
        {post.fault && <p className="mt-0.5 text-[12.5px] text-text-2 [overflow-wrap:anywhere]">{post.fault}</p>}
      </div>
      <p className="text-[12.5px] text-text-3">
        <Age ms={Date.parse(post.createdAt)} />
        {post.state === 'waiting' && post.dueAt && (
          <>
            {' '}
            · next <Time iso={post.dueAt} />
          </>
        )}
        {post.sends > 1 && ` · changed ${post.sends - 1}×`}
        {post.state === 'sent' && post.sends === 0 && ' · there was nothing to say'}
      </p>
      {onRetry && (
        <Button small disabled={busy} onClick={onRetry} aria-label={`Send again: ${post.topic} to ${place(post)}`}>
          Send again
        </Button>
      )}
    </li>
  )
}
