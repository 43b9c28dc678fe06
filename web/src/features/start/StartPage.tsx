import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Check, KeyRound } from 'lucide-react'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { Button, buttonClass } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { CopyButton } from '@/components/states'
import { Time } from '@/components/Time'
import { request } from '@/data/client'
import { useLiveEvents, useLiveState } from '@/data/live'
import { ArrivedDocument, type ArrivedQuery, DescribeDocument, StartTokenDocument, type TokenInput } from '@/gql/graphql'
import { Link } from '@/router'
import { eventCommand } from '@/shell/commands'
import { Page } from '@/shell/Page'
import { keepShared } from '@/shell/search'
import { useMay, useViewer } from '@/shell/viewer'
import { type Described, descriptor, NOTHING } from './descriptor'

type Arrived = ArrivedQuery['feed']['rows'][number]['event']

/** Tools that most organisations have; every other is a search away. */
const TOOLS: [type: string, title: string][] = [
  ['github', 'GitHub'],
  ['gitlab', 'GitLab'],
  ['argocd', 'Argo CD'],
  ['pagerduty', 'PagerDuty'],
  ['alertmanager', 'Alertmanager'],
  ['datadog', 'Datadog'],
  ['launchdarkly', 'LaunchDarkly'],
  ['webhook', 'Anything that posts JSON'],
]

/** From an empty installation to the first service and the first change, without leaving the page. */
export default function StartPage() {
  const [service, setService] = useState<string | null>(null)
  const arrived = useArrivals()
  return (
    <Page title="Begin" heading environments={false}>
      <div className="scroll-thin min-h-0 flex-1">
        <div className="max-w-[820px] px-5 pt-4 pb-10 max-sm:px-4">
          <p className="max-w-[64ch] text-text-2">
            Tidings knows what you run, who owns it, and what just changed. Any of these puts something here within minutes; none of them has to be first, and none is
            needed for the others.
          </p>
          <Describe onDone={setService} />
          <Tell service={service ?? 'my-service'} arrived={arrived} />
          <Connect />
          <Watch arrived={arrived} />
          <p className="mt-6 text-text-2">
            Then see{' '}
            <Link to="/feed" search={keepShared} className="text-accent underline underline-offset-2">
              the feed
            </Link>{' '}
            and{' '}
            <Link to="/services" search={keepShared} className="text-accent underline underline-offset-2">
              the services
            </Link>
            .
          </p>
        </div>
      </div>
    </Page>
  )
}

/** What came since the page was opened, the newest first. */
function useArrivals(): readonly Arrived[] {
  const queries = useQueryClient()
  const [opened] = useState(() => Date.now())
  const query = useQuery({ queryKey: ['arrived'], queryFn: async ({ signal }) => (await request(ArrivedDocument, {}, signal)).feed.rows.map((row) => row.event), staleTime: 0 })
  useLiveEvents({}, true, () => {
    void queries.invalidateQueries({ queryKey: ['arrived'] })
    void queries.invalidateQueries({ queryKey: ['viewer'] })
  })
  return (query.data ?? []).filter((event) => event.source !== 'tidings' && Date.parse(event.receivedAt) >= opened - 1000)
}

function Step({ title, note, done, children }: { title: string; note: ReactNode; done?: boolean; children: ReactNode }) {
  return (
    <section className="mt-5 border-t border-border pt-4">
      <h2 className="flex items-center gap-2 text-14">
        {title}
        {done && (
          <span className="inline-flex items-center gap-1 text-12 font-medium text-text-2">
            <Icon of={Check} size={13} stroke={2.25} />
            Done
          </span>
        )}
      </h2>
      <p className="mt-0.5 mb-3 max-w-[68ch] text-text-2">{note}</p>
      {children}
    </section>
  )
}

const input = 'h-8 w-full rounded-6 border border-border-control bg-surface px-2 max-sm:h-11 max-sm:text-[16px]'

function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-12 text-text-3">
        {label}
      </label>
      {children(id)}
    </div>
  )
}

const code = 'overflow-x-auto rounded-8 border border-border bg-sunken px-3 py-[9px] text-12 leading-[19px] text-text-2'

function Describe({ onDone }: { onDone: (name: string) => void }) {
  const queries = useQueryClient()
  const may = useMay('documents.apply')
  const [said, setSaid] = useState<Described>(NOTHING)
  const content = descriptor(said)
  const apply = useMutation({
    mutationFn: async () => {
      const [result] = (await request(DescribeDocument, { name: 'tidings.yaml', content })).applyDescriptors
      if (!result || result.faults.length > 0) throw new Error(result?.faults.map(({ field, detail }) => `${field ? `${field}: ` : ''}${detail}`).join('; ') || 'Nothing was read.')
      return said.name.trim()
    },
    onSuccess: (name) => {
      onDone(name)
      void queries.invalidateQueries()
    },
  })
  const text = (key: keyof Described, more: { placeholder: string; required?: boolean; type?: string }) => (id: string) => (
    <input
      id={id}
      value={said[key]}
      maxLength={500}
      autoComplete="off"
      spellCheck={key === 'description'}
      onChange={(event) => {
        apply.reset()
        setSaid({ ...said, [key]: event.target.value })
      }}
      className={input}
      {...more}
    />
  )
  return (
    <Step
      title="Describe a service"
      done={apply.isSuccess}
      note="What it is for and who answers for it. The file says the same: keep it in the service’s repository, and tidings apply reads it again. Backstage, Datadog, OpsLevel and Cortex files are read as they are."
    >
      <form
        className="grid gap-x-5 gap-y-3 sm:grid-cols-2"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          apply.mutate()
        }}
      >
        <div className="flex flex-col gap-3">
          <Field label="Name">{text('name', { placeholder: 'pricing', required: true })}</Field>
          <Field label="What it does, for whom">{text('description', { placeholder: 'Prices a cart, with discounts and taxes.' })}</Field>
          <Field label="Team">{text('owner', { placeholder: 'catalogue' })}</Field>
          <Field label="How bad is it when it fails?">
            {(id) => (
              <select
                id={id}
                value={said.tier}
                onChange={(event) => {
                  apply.reset()
                  setSaid({ ...said, tier: event.target.value })
                }}
                className={input}
              >
                <option value="">Not known yet</option>
                <option value="0">Tier 0: nothing works without it</option>
                <option value="1">Tier 1: customers notice at once</option>
                <option value="2">Tier 2: some notice, later</option>
                <option value="3">Tier 3: it can wait</option>
              </select>
            )}
          </Field>
          <Field label="Runbook">{text('runbook', { placeholder: 'https://wiki.example.com/pricing', type: 'url' })}</Field>
          <Field label="Needs">{text('dependsOn', { placeholder: 'ledger, stock' })}</Field>
        </div>
        <div className="flex min-w-0 flex-col">
          <span className="mb-1 text-12 text-text-3">tidings.yaml</span>
          <pre tabIndex={0} aria-label="tidings.yaml" className={cx(code, 'min-h-32 flex-1')}>
            {content}
          </pre>
          <div className="mt-2.5 flex flex-wrap items-center gap-2">
            <Button look="primary" type="submit" disabled={!may || apply.isPending}>
              Put it on the roll
            </Button>
            <CopyButton text={content} label="Copy the file" look="plain" />
          </div>
          {!may && <p className="mt-2 text-12 text-text-3">Your role only reads: ask an administrator.</p>}
          <p role="status" className="mt-2 min-h-5">
            {apply.isSuccess && (
              <>
                <Link to="/s/$service" params={{ service: apply.data }} search={keepShared} className="text-accent underline underline-offset-2">
                  {apply.data}
                </Link>{' '}
                is on the roll.
              </>
            )}
          </p>
          {apply.isError && (
            <p role="alert" className="text-crit">
              {apply.error.message}
            </p>
          )}
        </div>
      </form>
    </Step>
  )
}

/** A token that is made for one purpose, once; its secret stands in the command until the page is left. */
function useToken(purpose: TokenInput) {
  return useMutation({ mutationFn: async () => (await request(StartTokenDocument, { input: purpose })).createToken.secret })
}

function TokenButton({ token }: { token: ReturnType<typeof useToken> }) {
  const noLogin = useViewer()?.viewer.noLogin ?? true
  if (noLogin) return null
  return (
    <>
      {!token.data && (
        <Button small disabled={token.isPending} onClick={() => token.mutate()}>
          <Icon of={KeyRound} size={13} />
          Make a token for it
        </Button>
      )}
      {token.data && <span className="text-12 text-text-3">The token is in the command. It is not shown again.</span>}
      {token.isError && (
        <span role="alert" className="text-crit">
          {token.error.message}
        </span>
      )}
    </>
  )
}

function Tell({ service, arrived }: { service: string; arrived: readonly Arrived[] }) {
  const noLogin = useViewer()?.viewer.noLogin ?? true
  const token = useToken({ name: 'first events', kind: 'personal', scopes: ['deliver'], days: 30 })
  const command = eventCommand(service, noLogin ? null : (token.data ?? '$TIDINGS_TOKEN'))
  const seen = arrived.find((event) => !event.source.startsWith('kubernetes'))
  return (
    <Step title="Tell of a change" done={seen !== undefined} note="Paste this into a shell, or at the end of a pipeline. The service need not be known before.">
      <pre tabIndex={0} aria-label="Command" className={code}>
        {command}
      </pre>
      <div className="mt-2.5 flex flex-wrap items-center gap-2">
        <CopyButton text={command} />
        <TokenButton token={token} />
      </div>
      <Seen event={seen} waiting="Waiting for it." />
    </Step>
  )
}

function Seen({ event, waiting }: { event: Arrived | undefined; waiting: string }) {
  const { phase } = useLiveState()
  return (
    <p role="status" className="mt-2.5 flex min-h-6 flex-wrap items-center gap-x-2">
      {event ? (
        <>
          <Icon of={Check} size={14} stroke={2.25} className="text-text-2" />
          <span>
            We saw it:{' '}
            <Link to="/e/$event" params={{ event: event.id }} search={keepShared} className="text-accent underline underline-offset-2">
              {event.title}
            </Link>
            , <Time iso={event.receivedAt} />
          </span>
        </>
      ) : (
        <span className="text-text-3">{phase === 'offline' ? 'The server does not answer just now.' : waiting}</span>
      )}
    </p>
  )
}

function Connect() {
  const may = useMay('settings.write')
  return (
    <Step title="Connect a tool" note="It then tells by itself. The page of each tool has its steps, with the address and the secret filled in, and a trial before anything is sent.">
      {may ? (
        <ul className="flex flex-wrap gap-2">
          {TOOLS.map(([type, title]) => (
            <li key={type}>
              <Link to="/settings/new-source" search={(old) => ({ ...keepShared(old), tool: type })} className={buttonClass('plain', true)}>
                {title}
              </Link>
            </li>
          ))}
          <li>
            <Link to="/settings/new-source" search={keepShared} className={buttonClass('ghost', true)}>
              All tools
            </Link>
          </li>
        </ul>
      ) : (
        <p className="text-text-3">Tools are connected by administrators: ask one, and name the tool.</p>
      )}
    </Step>
  )
}

function Watch({ arrived }: { arrived: readonly Arrived[] }) {
  const noLogin = useViewer()?.viewer.noLogin ?? true
  const [cluster, setCluster] = useState('prod')
  const name = cluster.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '') || 'prod'
  const token = useToken({ name: `agent of ${name}`, kind: 'service', scopes: ['agent'], source: `kubernetes-${name}` })
  const command = [
    ...(noLogin ? [] : [`export TIDINGS_TOKEN=${token.data ?? '…'}`]),
    `tidings agent kubernetes --server ${location.origin} \\`,
    `  --cluster ${name} --environment production`,
  ].join('\n')
  return (
    <Step
      title="Watch a cluster"
      done={arrived.some((event) => event.source.startsWith('kubernetes'))}
      note="The same program looks at Kubernetes with your kubeconfig: what runs there, and everything that changes from now on. It only reads. In the cluster it runs by a Helm chart."
    >
      <div className="max-w-64 pb-2">
        <Field label="Cluster">
          {(id) => (
            <input
              id={id}
              value={cluster}
              maxLength={40}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => {
                token.reset()
                setCluster(event.target.value)
              }}
              className={input}
            />
          )}
        </Field>
      </div>
      <pre tabIndex={0} aria-label="Command of the agent" className={code}>
        {command}
      </pre>
      <div className="mt-2.5 flex flex-wrap items-center gap-2">
        <CopyButton text={command} />
        <TokenButton token={token} />
      </div>
    </Step>
  )
}
