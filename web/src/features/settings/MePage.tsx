import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Badge } from '@/components/Badge'
import { Button } from '@/components/Button'
import { Chip, Switch } from '@/components/controls'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age, Time } from '@/components/Time'
import { ask, request } from '@/data/client'
import { EndSessionDocument, MeDocument, type MeQuery, SessionsDocument, type SessionsQuery } from '@/gql/graphql'
import { setDensity, useDensity } from '@/shell/density'
import { letters as setLetters, useLetters } from '@/shell/keys'
import { type Contrast, CONTRASTS, setContrast, setTheme, type Theme, useContrast, useTheme } from '@/shell/theme'
import { useZones } from '@/time/zones'
import { browser } from './browser'
import { Section, Settings } from './Settings'

/** Who one is here, how the page looks, and where one is logged in. */
export default function MePage() {
  const me = useQuery({ queryKey: ['me'], queryFn: ({ signal }) => request(MeDocument, {}, signal) })
  return (
    <Settings title="Settings">
      {me.isPending && (
        <Loading what="your account">
          <div className="p-5">
            <Bar width="30%" />
            <Bar width="45%" />
          </div>
        </Loading>
      )}
      {me.isError && <ErrorState title="Your account could not be loaded" error={me.error} onRetry={() => void me.refetch()} />}
      {me.data && <Account {...me.data} />}
      <Appearance />
      {me.data?.me && <Sessions />}
      {me.data && (
        <Section title="About">
          <dl className="mb-2 grid max-w-[720px] grid-cols-[120px_minmax(0,1fr)] gap-x-4 gap-y-1 max-sm:grid-cols-[96px_minmax(0,1fr)]">
            <Fact name="Version">
              {me.data.viewer.version}, {me.data.installation.runtime}
            </Fact>
            <Fact name="Database">{me.data.installation.database}</Fact>
            <Fact name="Runs since">
              <Time iso={me.data.installation.startedAt} />
            </Fact>
          </dl>
          <p className="text-text-2">
            The API is described at{' '}
            <a href="/api/v1/openapi.yaml" className="text-accent underline underline-offset-2">
              /api/v1/openapi.yaml
            </a>
            . What Tidings is built with, and under which licences, is in{' '}
            <a href="/licences.txt" className="text-accent underline underline-offset-2">
              /licences.txt
            </a>
            .
          </p>
        </Section>
      )}
    </Settings>
  )
}

function Account({ viewer, me }: MeQuery) {
  const leave = useMutation({
    mutationFn: () => ask('/api/v1/login/logout', { method: 'POST' }),
    onSuccess: () => window.location.assign('/login'),
  })
  if (!me)
    return (
      <Section title={viewer.name || 'Somebody'}>
        <p className="max-w-[68ch] text-text-2">
          {viewer.noLogin
            ? 'Login is off: everyone who reaches this server is its administrator, and there are no accounts, sessions or tokens. Start tidings serve without --no-login to have them.'
            : 'You look at this page without an account. '}
          {!viewer.noLogin && (
            <a href="/login" className="text-accent underline underline-offset-2">
              Log in
            </a>
          )}
        </p>
      </Section>
    )
  return (
    <Section
      title={me.title || me.name}
      action={
        <Button small disabled={leave.isPending} onClick={() => leave.mutate()}>
          Log out
        </Button>
      }
    >
      {leave.isError && (
        <p role="alert" className="mb-2 text-crit">
          {leave.error.message}
        </p>
      )}
      <dl className="grid max-w-[720px] grid-cols-[120px_minmax(0,1fr)] gap-x-4 gap-y-1 max-sm:grid-cols-[96px_minmax(0,1fr)]">
        <Fact name="Login name">{me.name}</Fact>
        {me.email && <Fact name="E-mail">{me.email}</Fact>}
        <Fact name="Role">{me.role ?? 'none yet: ask an administrator'}</Fact>
        <Fact name="Teams">{me.teams.length > 0 ? me.teams.join(', ') : me.role === 'member' ? 'none: you edit what your teams own' : 'none'}</Fact>
        {me.groups.length > 0 && <Fact name="Groups">{me.groups.join(', ')}</Fact>}
        <Fact name="Logs in by">{me.issuer === 'local' ? 'one-time links' : me.issuer}</Fact>
      </dl>
    </Section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  )
}

const themes: [Theme, string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

const contrastNames: Record<Contrast, string> = { system: 'Contrast as the system', usual: 'Usual contrast', more: 'More contrast' }

function Appearance() {
  const theme = useTheme()
  const contrast = useContrast()
  const letters = useLetters()
  const density = useDensity()
  const { primary, secondary, swap } = useZones()
  return (
    <Section title="Appearance" note="Kept in this browser.">
      <div className="flex flex-col gap-3">
        <div role="group" aria-label="Colours" className="flex flex-wrap items-center gap-2">
          {themes.map(([name, label]) => (
            <Chip key={name} on={theme === name} onClick={() => setTheme(name)}>
              {label}
            </Chip>
          ))}
        </div>
        <div role="group" aria-label="Contrast" className="flex flex-wrap items-center gap-2">
          {CONTRASTS.map((name) => (
            <Chip key={name} on={contrast === name} onClick={() => setContrast(name)}>
              {contrastNames[name]}
            </Chip>
          ))}
        </div>
        <div className="flex max-w-72 flex-col gap-1.5 *:justify-between">
          <Switch on={density === 'compact'} onChange={(on) => setDensity(on ? 'compact' : 'usual')}>
            Compact lines in tables
          </Switch>
          <Switch on={letters} onChange={setLetters.set}>
            Single letters are shortcuts
          </Switch>
          {primary.id !== secondary.id && (
            <Switch on={primary.id === 'UTC'} onChange={swap}>
              UTC first
            </Switch>
          )}
        </div>
      </div>
    </Section>
  )
}

function Sessions() {
  const queries = useQueryClient()
  const list = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => request(SessionsDocument, {}, signal) })
  const end = useMutation({
    mutationFn: (id: string | null) => request(EndSessionDocument, { id }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const sessions = list.data?.sessions ?? []
  return (
    <Section
      title="Where you are logged in"
      action={
        sessions.length > 1 && (
          <Button small disabled={end.isPending} onClick={() => end.mutate(null)}>
            End all others
          </Button>
        )
      }
    >
      {list.isPending && (
        <Loading what="your sessions">
          <Bar width="60%" />
        </Loading>
      )}
      {list.isError && <ErrorState title="Your sessions could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && sessions.length === 0 && <EmptyState title="No sessions">You are here by a token.</EmptyState>}
      {end.isError && (
        <p role="alert" className="mb-2 text-crit">
          {end.error.message}
        </p>
      )}
      <ul className="max-w-[720px]">
        {sessions.map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => end.mutate(session.id)} busy={end.isPending} />
        ))}
      </ul>
    </Section>
  )
}

function SessionRow({ session, onEnd, busy }: { session: SessionsQuery['sessions'][number]; onEnd: () => void; busy: boolean }) {
  return (
    <li className="flex items-center gap-4 border-b border-border py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium" title={session.userAgent}>
          {browser(session.userAgent)} {session.current && <Badge>this one</Badge>}
        </p>
        <p className="text-[12.5px] text-text-3">
          {session.address && `${session.address}, `}used <Age ms={Date.parse(session.seenAt)} />, since <Time iso={session.createdAt} />
        </p>
      </div>
      {!session.current && (
        <Button small disabled={busy} onClick={onEnd}>
          End
        </Button>
      )}
    </li>
  )
}
