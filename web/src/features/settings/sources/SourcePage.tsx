import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Badge } from '@/components/Badge'
import { StatusGlyph } from '@/components/shapes'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age, Time } from '@/components/Time'
import { request } from '@/data/client'
import { SourceDocument, SourceGuideDocument, SwitchSourceDocument, ToolDocument } from '@/gql/graphql'
import { Link, useParams } from '@/router'
import { Switch } from '@/components/controls'
import { keepShared, useUrl } from '@/shell/search'
import { useMay } from '@/shell/viewer'
import { useNow } from '@/time/now'
import { Settings } from '../Settings'
import { Bench } from './Bench'
import { Coverage } from './Coverage'
import { Deliveries } from './Deliveries'
import { GuideText } from './GuideText'
import { Fact, glyphs, Hours, MadeSecret, Wrong } from './parts'
import { useMadeSecret } from './secret'
import { silence, type Source, told } from './sources'

const SettingsTab = lazy(() => import('./SettingsTab'))

type Tab = 'setup' | 'deliveries' | 'arrived' | 'try' | 'settings'
const TITLES: Record<Tab, string> = { setup: 'Set up', deliveries: 'Deliveries', arrived: 'Arrived', try: 'Try', settings: 'Settings' }

/** One source: how it is doing, how its tool is set up, what it sent, and what it is set to. */
export default function SourcePage() {
  const name = useParams().name!
  const query = useQuery({
    queryKey: ['settings', 'source', name],
    queryFn: async ({ signal }) => (await request(SourceDocument, { name }, signal)).source,
    // Whoever sets a tool up waits for its first delivery.
    refetchInterval: ({ state }) => (state.data?.delivers && !state.data.lately?.lastAt ? 2000 : 5000),
  })
  return (
    <Settings title={name} within>
      {query.isPending && (
        <Loading what="the source">
          <div className="p-5">
            <Bar width="35%" />
            <Bar width="60%" />
          </div>
        </Loading>
      )}
      {query.isError && !query.data && <ErrorState title="The source could not be loaded" error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !query.data && (
        <EmptyState
          title={`No source is called ${name}`}
          actions={
            <Link to="/settings/sources" search={keepShared} className="text-accent underline underline-offset-2">
              All sources
            </Link>
          }
        >
          It may have been removed, or have another name.
        </EmptyState>
      )}
      {query.data && <Shown source={query.data} />}
    </Settings>
  )
}

function Shown({ source }: { source: Source }) {
  const { tab } = useUrl()
  const mayRead = useMay('deliveries.read')
  const mayTry = useMay('sources.write')
  const maySet = useMay('settings.read')
  const agent = source.place === 'agent'
  const tabs: Tab[] = ['setup']
  if (source.delivers && mayRead) tabs.push('deliveries')
  tabs.push('arrived')
  if (source.delivers && mayTry && source.state !== 'off') tabs.push('try')
  if (!agent && maySet) tabs.push('settings')
  const usual: Tab = source.lately?.lastAt && tabs.includes('deliveries') ? 'deliveries' : 'setup'
  const now = tabs.find((t) => t === tab) ?? usual
  return (
    <>
      <Head source={source} />
      <nav aria-label="Source" className="flex gap-5 border-b border-border px-5 max-sm:px-4">
        {tabs.map((t) => (
          <Link
            key={t}
            to="/settings/sources/$name"
            params={{ name: source.name }}
            search={(old) => ({ ...keepShared(old), tab: t })}
            aria-current={t === now ? 'page' : undefined}
            className="flex h-9 items-center border-b-2 border-transparent text-text-2 hover:text-text aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-accent max-sm:h-11"
          >
            {TITLES[t]}
          </Link>
        ))}
      </nav>
      <div className="px-5 pt-4 max-sm:px-4">
        {now === 'setup' && <SetUp source={source} />}
        {now === 'deliveries' && <Deliveries source={source.name} running={source.state !== 'off'} />}
        {now === 'arrived' && <Coverage source={source.name} />}
        {now === 'try' && <Try source={source} />}
        {now === 'settings' && (
          <Suspense fallback={<Bar width="50%" />}>
            <SettingsTab source={source} />
          </Suspense>
        )}
      </div>
    </>
  )
}

const PLACES: Record<string, string> = { page: 'set on this page', file: 'in the configuration file of the server', agent: 'brought by an agent' }

function Head({ source }: { source: Source }) {
  const queries = useQueryClient()
  const may = useMay('settings.write')
  const now = useNow()
  const { lately, backfill, observed } = source
  const silent = silence(source, now)
  const off = source.state === 'off'
  const turn = useMutation({
    mutationFn: (on: boolean) => request(SwitchSourceDocument, { name: source.name, on }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['settings'] }),
  })
  return (
    <section aria-label="State" className="px-5 pt-4 pb-2 max-sm:px-4">
      <div className="flex flex-wrap items-center gap-2">
        <StatusGlyph status={silent ? 'warn' : (glyphs[source.state] ?? 'calm')} />
        <Badge>{source.tool?.title ?? source.type}</Badge>
        <span role="status" className={source.state === 'failing' ? 'font-medium text-warn' : 'font-medium'}>
          {words(source)}
        </span>
        {may && source.place === 'page' && (
          <span className="ml-auto">
            <Switch on={!(turn.isPending ? !turn.variables : off)} onChange={(on) => turn.mutate(on)}>
              On
            </Switch>
          </span>
        )}
      </div>
      <Wrong error={turn.error} />
      {source.detail && <p className={`mt-1 max-w-[76ch] text-pretty [overflow-wrap:anywhere] first-letter:uppercase ${source.state === 'failing' ? 'text-warn' : 'text-text-2'}`}>{source.detail}</p>}
      {silent && <p className="mt-1 text-warn">{silent}</p>}
      <dl className="mt-2 grid max-w-[760px] grid-cols-[108px_minmax(0,1fr)] gap-x-3 gap-y-0.5">
        {source.delivers && (
          <Fact name="Address">
            <code className="text-12">{`${location.origin}/hooks/${source.name}`}</code>
          </Fact>
        )}
        {lately && (
          <Fact name="Delivered">
            {lately.lastAt ? (
              <span className="flex flex-wrap items-center gap-x-3">
                <span>
                  last <Age ms={Date.parse(lately.lastAt)} />. {told(lately)}
                </span>
                {lately.hours.length > 0 && <Hours lately={lately} />}
              </span>
            ) : off ? (
              'nothing yet'
            ) : (
              <span role="status">waiting for the first delivery</span>
            )}
          </Fact>
        )}
        {observed && (
          <Fact name="Sees">
            {observed.objects.toLocaleString('en')} objects{observed.cluster && ` in ${observed.cluster}`}, heard <Age ms={Date.parse(observed.heardAt)} />, by {observed.agent} {observed.version}
          </Fact>
        )}
        {!source.delivers && source.lookedAt && (
          <Fact name="Looked">
            <Time iso={source.lookedAt} />
          </Fact>
        )}
        {backfill && (
          <Fact name="Looks back">
            {backfill.done ? 'done' : backfill.at ? 'on its way, to ' : 'it begins'}
            {!backfill.done && backfill.at && <Time iso={backfill.at} />}, {backfill.events.toLocaleString('en')} events
          </Fact>
        )}
        <Fact name="Events">
          {source.lastEventAt ? (
            <>
              last <Time iso={source.lastEventAt} />,{' '}
            </>
          ) : (
            ''
          )}
          {source.events.toLocaleString('en')} since the server started.{' '}
          <Link to="/feed" search={(old) => ({ ...keepShared(old), source: source.name })} className="text-accent underline underline-offset-2">
            In the feed
          </Link>
        </Fact>
        {source.secretAt && (
          <Fact name="Secret">
            set <Time iso={source.secretAt} />
          </Fact>
        )}
        <Fact name="Configured">{PLACES[source.place]}</Fact>
      </dl>
    </section>
  )
}

function words(source: Source): string {
  switch (source.state) {
    case 'off':
      return 'Switched off: it neither looks nor takes anything'
    case 'waiting':
      return source.delivers ? 'Waits for the first delivery' : source.tool?.class === 'chat' ? 'Tells what is followed, under Chat' : 'Has not looked yet'
    case 'failing':
      return 'Needs attention'
    default:
      return 'Works'
  }
}

function SetUp({ source }: { source: Source }): ReactNode {
  const secret = useMadeSecret(source.name)
  const query = useQuery({
    queryKey: ['guide', source.name],
    queryFn: async ({ signal }) => (await request(SourceGuideDocument, { name: source.name, base: location.origin }, signal)).source,
    staleTime: Infinity,
  })
  if (query.isPending)
    return (
      <Loading what="the steps">
        <Bar width="60%" />
        <Bar width="50%" />
      </Loading>
    )
  if (query.isError) return <ErrorState title="The steps could not be loaded" error={query.error} onRetry={() => void query.refetch()} />
  const guide = query.data?.guide
  const title = source.tool?.title ?? source.type
  if (!guide) return <p className="text-text-2">What this agent looks at is a kind that this server does not know.</p>
  return (
    <>
      <MadeSecret source={source.name} />
      {source.tool?.issuesSecret && source.place === 'page' && (
        <p className="mb-3 max-w-[76ch] text-text-2">
          {title} makes the secret and shows it: do the steps there, and then paste it under{' '}
          <Link to="/settings/sources/$name" params={{ name: source.name }} search={(old) => ({ ...keepShared(old), tab: 'settings' })} className="text-accent underline underline-offset-2">
            Settings
          </Link>
          . Until then every delivery is refused.
        </p>
      )}
      <GuideText guide={guide} title={title} secret={secret} issued={source.tool?.issuesSecret ?? false} />
      {!source.delivers && source.place !== 'agent' && (
        <p className="mt-3 text-text-2">{source.tool?.class === 'chat' ? 'There is nothing more to do here: who follows what is said under Chat.' : 'There is nothing more to do: it looks by itself.'}</p>
      )}
    </>
  )
}

function Try({ source }: { source: Source }) {
  const query = useQuery({
    queryKey: ['tool', source.type],
    queryFn: async ({ signal }) => (await request(ToolDocument, { type: source.type, base: location.origin, name: source.name }, signal)).tool,
    staleTime: Infinity,
  })
  const [key] = useState(source.name)
  if (query.isPending)
    return (
      <Loading what="the examples">
        <Bar width="60%" />
      </Loading>
    )
  if (query.isError) return <ErrorState title="The examples could not be loaded" error={query.error} onRetry={() => void query.refetch()} />
  return (
    <div className="max-w-[860px]">
      <p className="mb-3 max-w-[76ch] text-text-2">What {source.tool?.title ?? source.type} could send, read by the settings of this source. Nothing of it comes into the log.</p>
      <Bench key={key} by={{ source: source.name }} examples={query.data?.examples ?? []} />
    </div>
  )
}
