import { useMutation, useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { Button, buttonClass } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { ErrorState, Loading } from '@/components/states'
import { ask } from '@/data/client'
import { useSearch } from '@/router'
import { Logo } from '@/shell/Logo'

type Ways = { organisation: string; no_login: boolean; providers: { name: string; title: string; url: string; available: boolean }[] }

/** Where to go after the login: a page of this very server, or the first one. */
export function destination(wanted: string | undefined): string {
  return wanted && /^\/(?![/\\])/.test(wanted) && !wanted.startsWith('/login') ? wanted : '/'
}

/** What went wrong on the way, by the word that the server sends a browser back with. */
const troubles: Record<string, string> = {
  expired: 'That took too long, or began in another window. Try again.',
  refused: 'The identity provider did not let you in. Try again, or ask an administrator.',
  forbidden: 'You are known, but nothing here is open to you: your groups give no role, or your account is disabled. Ask an administrator.',
  rate_limited: 'Too many logins failed from where you are. Wait a minute, then try again.',
  unavailable: 'The identity provider does not answer at the moment. Try again in a minute.',
}

/** What stands before every page for somebody who is not known yet. It needs nothing else of the app. */
export default function LoginPage() {
  const { return: wanted, error } = useSearch()
  const back = destination(wanted)
  const [link, setLink] = useState(() => window.location.hash.slice(1))
  useEffect(() => {
    document.title = 'Log in · Tidings'
    const read = () => setLink(window.location.hash.slice(1))
    window.addEventListener('hashchange', read)
    return () => window.removeEventListener('hashchange', read)
  }, [])
  const ways = useQuery({ queryKey: ['login'], queryFn: ({ signal }) => ask<Ways>('/api/v1/login', { signal }) })
  return (
    <main id="main" className="grid min-h-dvh place-items-center bg-canvas p-4 max-sm:place-items-start max-sm:pt-16">
      <div className="w-full max-w-[380px] rounded-12 border border-border bg-surface p-6 shadow-1">
        <div className="mb-5 flex items-center gap-2.5">
          <Logo />
          <h1 className="min-w-0 truncate text-16 font-semibold">{ways.data?.organisation || 'Tidings'}</h1>
        </div>
        {error && (
          <p role="alert" className="mb-4 rounded-8 border border-warn-border bg-warn-weak px-3 py-2">
            {troubles[error] ?? troubles.refused}
          </p>
        )}
        {ways.isPending && <Loading what="the ways to log in">{null}</Loading>}
        {ways.isError && <ErrorState title="The ways to log in could not be loaded" error={ways.error} onRetry={() => void ways.refetch()} />}
        {ways.data && (link ? <ByLink secret={link} back={back} onOther={() => setLink('')} /> : <Others ways={ways.data} back={back} />)}
      </div>
    </main>
  )
}

function Others({ ways, back }: { ways: Ways; back: string }) {
  if (ways.no_login)
    return (
      <Said title="Login is off">
        Everyone who reaches this server is its administrator.{' '}
        <a href="/" className="text-accent underline underline-offset-2">
          Open Tidings
        </a>
      </Said>
    )
  if (ways.providers.length === 0)
    return (
      <Said title="You need a one-time link">
        No identity provider is set up here. An administrator makes a link for you under Settings, People. For the first one, the server
        printed a link on its console; <code className="text-12">tidings admin link</code> makes another.
      </Said>
    )
  return (
    <div className="flex flex-col gap-2">
      <p className="mb-1 text-text-2">Log in to see what runs, who owns it, and what just changed.</p>
      {ways.providers.map((way) =>
        way.available ? (
          <a key={way.name} href={`${way.url}?return=${encodeURIComponent(back)}`} className={`${buttonClass('primary')} !h-10 justify-center !text-14`}>
            <Icon of={KeyRound} size={15} />
            Continue with {way.title}
          </a>
        ) : (
          <p key={way.name} role="status" className="rounded-8 border border-warn-border bg-warn-weak px-3 py-2">
            {way.title} does not answer at the moment. Tidings keeps trying; load this page again.
          </p>
        ),
      )}
    </div>
  )
}

function Said({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h2 className="mb-1 text-14 font-semibold">{title}</h2>
      <p className="text-text-2">{children}</p>
    </>
  )
}

const field = 'h-9 w-full rounded-6 border border-border-control bg-surface px-2.5 text-14'

function ByLink({ secret, back, onOther }: { secret: string; back: string; onOther: () => void }) {
  const [name, setName] = useState('')
  const [title, setTitle] = useState('')
  const enter = useMutation({
    mutationFn: () => ask('/api/v1/login/link', { method: 'POST', body: { secret, name: name.trim(), title: title.trim() } }),
    // A whole load: nothing that was asked before the login stays.
    onSuccess: () => window.location.replace(back),
  })
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        enter.mutate()
      }}
    >
      <Said title="Come in by your one-time link">The log shows your name beside everything that you change. If the link is for an account that there is, its name stays.</Said>
      <label className="block">
        <span className="mb-1 block text-text-2">Login name</span>
        <input className={field} value={name} onChange={(event) => setName(event.target.value)} autoComplete="username" autoFocus placeholder="ada" maxLength={128} spellCheck={false} autoCapitalize="none" />
      </label>
      <label className="block">
        <span className="mb-1 block text-text-2">Full name, if you like</span>
        <input className={field} value={title} onChange={(event) => setTitle(event.target.value)} autoComplete="name" placeholder="Ada Lovelace" maxLength={200} />
      </label>
      {enter.isError && (
        <p role="alert" className="text-crit">
          {enter.error.message}
        </p>
      )}
      <Button type="submit" look="primary" className="!h-10 justify-center !text-14" disabled={enter.isPending}>
        Log in
      </Button>
      <Button look="ghost" className="justify-center" onClick={onOther}>
        Log in another way
      </Button>
    </form>
  )
}
