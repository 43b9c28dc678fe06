import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Badge } from '@/components/Badge'
import { Button } from '@/components/Button'
import { Checkbox } from '@/components/controls'
import { Bar, CopyButton, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age, Time } from '@/components/Time'
import { request } from '@/data/client'
import { CreateTokenDocument, MeDocument, RevokeTokenDocument, type Scope, type TokenInput, TokensDocument, type TokensQuery } from '@/gql/graphql'
import { useNow } from '@/time/now'
import { inputClass, Section, Settings } from './Settings'

type Token = TokensQuery['tokens']['nodes'][number]

/** What programs come in with: one's own tokens, and for administrators those of service accounts. */
export default function TokensPage() {
  const me = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => request(MeDocument, {}, signal) })
  const [secret, setSecret] = useState<{ name: string; value: string } | null>(null)
  const administrates = me.data?.viewer.may.includes('tokens.write') ?? false
  const off = me.data?.viewer.noLogin
  return (
    <Settings title="Tokens">
      {me.isPending && (
        <Loading what="tokens">
          <div className="p-5">
            <Bar width="45%" />
          </div>
        </Loading>
      )}
      {me.isError && <ErrorState title="The tokens could not be loaded" error={me.error} onRetry={() => void me.refetch()} />}
      {off && (
        <EmptyState title="Login is off">
          Everyone who reaches this server is its administrator, so that no program needs a token. Start tidings serve without --no-login to have them.
        </EmptyState>
      )}
      {secret && <Secret {...secret} onDone={() => setSecret(null)} />}
      {me.data?.me && (
        <Tokens
          kind="personal"
          title="Your tokens"
          note="For your own scripts and the tidings command. A token may do at most what you may, and ends when your account does."
          onMade={setSecret}
        />
      )}
      {!off && administrates && (
        <Tokens
          kind="service"
          title="All tokens"
          note="A service account is nothing but its token: one for each tool, with no more than it needs. Here are those of everyone, so that you can end them."
          onMade={setSecret}
        />
      )}
    </Settings>
  )
}

function Secret({ name, value, onDone }: { name: string; value: string; onDone: () => void }) {
  return (
    <div role="status" className="mx-5 mt-4 rounded-8 border border-border bg-sunken p-3 max-sm:mx-4">
      <p className="mb-1.5">
        <b>{name}</b> is made. This is its secret; it is not shown again.
      </p>
      <code className="block rounded-6 border border-border bg-surface px-2.5 py-1.5 text-12 [overflow-wrap:anywhere]">{value}</code>
      <div className="mt-2 flex gap-2">
        <CopyButton text={value} label="Copy the secret" />
        <Button small onClick={onDone}>
          I have kept it
        </Button>
      </div>
    </div>
  )
}

type Kind = 'personal' | 'service'

function Tokens({ kind, title, note, onMade }: { kind: Kind; title: string; note: ReactNode; onMade: (made: { name: string; value: string }) => void }) {
  const queries = useQueryClient()
  const [making, setMaking] = useState(false)
  const all = kind === 'service'
  const list = useInfiniteQuery({
    queryKey: ['tokens', all],
    queryFn: ({ pageParam, signal }) => request(TokensDocument, { all, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.tokens.next ?? undefined,
  })
  const revoke = useMutation({
    mutationFn: (id: string) => request(RevokeTokenDocument, { id }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['tokens'] }),
  })
  const tokens = list.data?.pages.flatMap((page) => page.tokens.nodes) ?? []
  return (
    <Section
      title={title}
      note={note}
      action={
        !making && (
          <Button small onClick={() => setMaking(true)}>
            {all ? 'Make one for a tool' : 'Make a token'}
          </Button>
        )
      }
    >
      {making && (
        <NewToken
          kind={kind}
          onCancel={() => setMaking(false)}
          onMade={(made) => {
            setMaking(false)
            onMade(made)
            void queries.invalidateQueries({ queryKey: ['tokens'] })
          }}
        />
      )}
      {list.isPending && (
        <Loading what="tokens">
          <Bar width="50%" />
        </Loading>
      )}
      {list.isError && <ErrorState title="The tokens could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && tokens.length === 0 && <p className="text-text-3">None yet.</p>}
      {revoke.isError && (
        <p role="alert" className="mb-2 text-crit">
          {revoke.error.message}
        </p>
      )}
      <ul>
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} onRevoke={() => revoke.mutate(token.id)} busy={revoke.isPending} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button className="mt-3" onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Section>
  )
}

function TokenRow({ token, onRevoke, busy }: { token: Token; onRevoke: () => void; busy: boolean }) {
  const now = useNow()
  const [sure, setSure] = useState(false)
  const expired = token.expiresAt ? Date.parse(token.expiresAt) <= now : false
  const over = token.revokedAt !== null && token.revokedAt !== undefined ? 'revoked' : expired ? 'expired' : null
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-border py-2">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex items-center gap-2">
          <b className={`truncate font-medium ${over ? 'text-text-3 line-through' : ''}`}>{token.name}</b>
          <Badge>{token.kind}</Badge>
          {over && <Badge>{over}</Badge>}
        </p>
        <p className="text-[12.5px] text-text-3">
          <code className="text-12">{token.hint}</code> {token.role}
          {token.scopes.length > 0 && `: ${token.scopes.join(', ')}`}
          {token.source && ` of ${token.source}`}
        </p>
      </div>
      <p className="basis-60 text-[12.5px] text-text-3 max-sm:basis-full">
        {token.lastUsedAt ? (
          <>
            Used <Age ms={Date.parse(token.lastUsedAt)} />
            {token.lastAddress && ` from ${token.lastAddress}`}
          </>
        ) : (
          'Never used'
        )}
        <br />
        {over === null && (token.expiresAt ? <>Ends <Time iso={token.expiresAt} /></> : 'Does not end by itself')}
        {over !== null && <>Made by {token.createdBy.replace(/^person:/, '')}</>}
      </p>
      <span className="flex w-40 flex-none justify-end gap-2 max-sm:w-auto">
        {over === null && !sure && (
          <Button small onClick={() => setSure(true)} aria-label={`Revoke ${token.name}`}>
            Revoke
          </Button>
        )}
        {over === null && sure && (
          <>
            <Button small autoFocus disabled={busy} onClick={onRevoke} aria-label={`Yes, revoke ${token.name}`}>
              Revoke it
            </Button>
            <Button small look="ghost" onClick={() => setSure(false)}>
              Keep it
            </Button>
          </>
        )}
      </span>
    </li>
  )
}

const scopes: { scope: Scope; words: string }[] = [
  { scope: 'read', words: 'read the roll and the log' },
  { scope: 'deliver', words: 'record events' },
  { scope: 'describe', words: 'apply descriptors and edit the roll' },
  { scope: 'agent', words: 'send what an agent sees' },
  { scope: 'people', words: 'provision people by SCIM' },
]

/** Who delivers or observes can be held to one source. */
const narrows = (chosen: Scope[]) => chosen.includes('deliver') || chosen.includes('agent')

const lasts = [
  { days: 30, words: '30 days' },
  { days: 90, words: '90 days' },
  { days: 365, words: 'a year' },
  { days: 0, words: 'until it is revoked' },
]

function NewToken({ kind, onMade, onCancel }: { kind: Kind; onMade: (made: { name: string; value: string }) => void; onCancel: () => void }) {
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<Scope[]>(kind === 'service' ? ['deliver'] : [])
  const [source, setSource] = useState('')
  const [days, setDays] = useState(90)
  const make = useMutation({
    mutationFn: (input: TokenInput) => request(CreateTokenDocument, { input }),
    onSuccess: ({ createToken }) => onMade({ name: createToken.token.name, value: createToken.secret }),
  })
  const shown = kind === 'personal' ? scopes.filter(({ scope }) => scope === 'read' || scope === 'deliver' || scope === 'describe') : scopes
  return (
    <form
      className="mb-3 flex max-w-[720px] flex-col gap-3 rounded-8 border border-border bg-sunken p-3"
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate({ name: name.trim(), kind, scopes: chosen, source: narrows(chosen) && source.trim() ? source.trim() : null, days: days || null })
      }}
    >
      <label className="block">
        <span className="mb-1 block text-text-2">What is it for?</span>
        <input className={`${inputClass} w-full`} value={name} onChange={(event) => setName(event.target.value)} maxLength={128} required autoFocus placeholder={kind === 'service' ? 'jenkins' : 'my laptop'} />
      </label>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-text-2">{kind === 'service' ? 'It may' : 'It may do only this; choose nothing for all that you may'}</legend>
        {shown.map(({ scope, words }) => (
          <label key={scope} className="flex items-center gap-2 max-sm:min-h-9">
            <Checkbox
              checked={chosen.includes(scope)}
              onChange={(event) => setChosen((old) => (event.target.checked ? [...old, scope] : old.filter((s) => s !== scope)))}
            />
            {words}
          </label>
        ))}
      </fieldset>
      {narrows(chosen) && (
        <label className="block">
          <span className="mb-1 block text-text-2">Only as the source; leave it empty for any</span>
          <input className={`${inputClass} w-full`} value={source} onChange={(event) => setSource(event.target.value)} maxLength={128} placeholder="jenkins" />
        </label>
      )}
      <label className="block">
        <span className="mb-1 block text-text-2">It lasts</span>
        <select className={inputClass} value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {lasts.map((choice) => (
            <option key={choice.days} value={choice.days}>
              {choice.words}
            </option>
          ))}
        </select>
      </label>
      {make.isError && (
        <p role="alert" className="text-crit">
          {make.error.message}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={make.isPending || !name.trim() || (kind === 'service' && chosen.length === 0)}>
          Make it
        </Button>
        <Button look="ghost" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
