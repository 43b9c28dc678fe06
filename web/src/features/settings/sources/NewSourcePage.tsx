import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ChevronLeft } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { Button } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { request, RequestError } from '@/data/client'
import { CreateSourceDocument, SecretKeepingDocument, SourcesDocument, ToolDocument, type ToolQuery, ToolsDocument, type ToolsQuery } from '@/gql/graphql'
import { Link, navigate } from '@/router'
import { keepShared, useUrl } from '@/shell/search'
import { useMay } from '@/shell/viewer'
import { inputClass, Section, Settings } from '../Settings'
import { Bench } from './Bench'
import { Fields, One } from './Fields'
import { byField, type Field, freshName, toSettings, type Typed, type Values } from './form'
import { GuideText } from './GuideText'
import { Wrong } from './parts'
import { secrets } from './secret'

type Tool = ToolsQuery['tools'][number]
type Chosen = NonNullable<ToolQuery['tool']>

const CLASSES: [string, string][] = [
  ['code', 'Code and deploys'],
  ['infrastructure', 'Infrastructure'],
  ['flags', 'Flags and experiments'],
  ['alerts', 'Alerts'],
  ['incidents', 'Incidents and status'],
  ['chat', 'Chat and mail'],
  ['other', 'Anything else'],
]

/** A source is added: first its tool is chosen, then what the tool needs is typed. `tool` of the address is the choice. */
export default function NewSourcePage() {
  const { tool } = useUrl()
  const may = useMay('settings.write')
  return <Settings title={tool ? 'New source' : 'Add a source'}>{!may ? <EmptyState title="Sources are added by administrators">Ask one, and name the tool.</EmptyState> : tool ? <Make key={tool} type={tool} /> : <Choose />}</Settings>
}

function Choose() {
  const [q, setQ] = useState('')
  const query = useQuery({ queryKey: ['tools'], queryFn: async ({ signal }) => (await request(ToolsDocument, {}, signal)).tools, staleTime: Infinity })
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const found = (query.data ?? []).filter((tool) => words.every((word) => `${tool.title} ${tool.type} ${tool.summary} ${tool.class}`.toLowerCase().includes(word)))
  const first = found[0]
  return (
    <>
      <form
        className="px-5 pt-4 max-sm:px-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (first) open(first.type)
        }}
      >
        <input type="search" autoFocus aria-label="Search tools" placeholder="Which tool?" value={q} onChange={(event) => setQ(event.target.value)} className={`${inputClass} w-72 max-sm:w-full`} />
        <span role="status" className="ml-3 text-12 text-text-3 max-sm:ml-0 max-sm:block max-sm:pt-1">
          {query.isSuccess && `${found.length} of ${query.data.length} tools`}
        </span>
      </form>
      {query.isPending && (
        <Loading what="the tools">
          <div className="p-5">
            <Bar width="50%" />
            <Bar width="60%" />
          </div>
        </Loading>
      )}
      {query.isError && <ErrorState title="The tools could not be loaded" error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !first && (
        <EmptyState title="No tool of that name is known" actions={<Button onClick={() => open('webhook')}>Use a webhook</Button>}>
          Any tool that posts JSON can be connected as a webhook: expressions of jq say which of its fields is what.
        </EmptyState>
      )}
      {CLASSES.map(([name, title]) => (
        <Group key={name} title={title} tools={found.filter((tool) => tool.class === name)} />
      ))}
    </>
  )
}

const open = (tool: string) => navigate({ to: '/settings/new-source', search: (old) => ({ ...keepShared(old), tool }) })

function Group({ title, tools }: { title: string; tools: Tool[] }) {
  if (tools.length === 0) return null
  return (
    <Section title={title}>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(260px,1fr))] gap-x-6 border-t border-border">
        {tools.map((tool) => (
          <li key={tool.type} className="border-b border-border py-2">
            <Link to="/settings/new-source" search={(old) => ({ ...keepShared(old), tool: tool.type })} className="group block">
              <b className="font-medium group-hover:text-accent group-hover:underline">{tool.title}</b>
              {tool.byAgent && <span className="text-12 text-text-3"> by an agent</span>}
              <span className="block text-12 text-pretty text-text-3 max-sm:text-13">{tool.summary}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Make({ type }: { type: string }) {
  const query = useQuery({
    queryKey: ['newSource', type],
    queryFn: async ({ signal }) => {
      const [{ tool }, { sources }, { secretKeeping }] = await Promise.all([
        request(ToolDocument, { type, base: location.origin, name: type }, signal),
        request(SourcesDocument, {}, signal),
        request(SecretKeepingDocument, {}, signal),
      ])
      return { tool, taken: sources.map((source) => source.name), secretKeeping }
    },
  })
  const back = (
    <p className="px-5 pt-3 max-sm:px-4">
      <Link to="/settings/new-source" search={keepShared} className="inline-flex min-h-6 items-center gap-1 text-text-3 hover:text-text">
        <Icon of={ChevronLeft} size={13} />
        All tools
      </Link>
    </p>
  )
  if (query.isPending)
    return (
      <Loading what="the tool">
        <div className="p-5">
          <Bar width="40%" />
          <Bar width="60%" />
        </div>
      </Loading>
    )
  if (query.isError) return <ErrorState title="The tool could not be loaded" error={query.error} onRetry={() => void query.refetch()} />
  const { tool, taken, secretKeeping } = query.data
  if (!tool)
    return (
      <>
        {back}
        <EmptyState title={`No tool is called ${type}`}>Choose one of the list.</EmptyState>
      </>
    )
  return (
    <>
      {back}
      <Section title={tool.title} note={tool.summary}>
        {tool.byAgent ? (
          <GuideText guide={tool.guide} title={tool.title} secret={undefined} issued />
        ) : secretKeeping.possible || !tool.fields.some((field) => field.type === 'secret' && field.required) ? (
          <Form tool={tool} taken={taken} canKeep={secretKeeping.possible} />
        ) : (
          <EmptyState title="A secret cannot be kept yet" command={KEY}>
            {tool.title} needs a secret, and secrets are kept only where a key for them is configured. Run this where the server is, add the last two lines to
            its configuration file, and start it again. Or write the source into that file.
          </EmptyState>
        )}
      </Section>
    </>
  )
}

const KEY = `openssl rand -base64 32 > /etc/tidings/secrets.key && chmod 600 /etc/tidings/secrets.key

secrets:
  key: file:/etc/tidings/secrets.key`

const NAME: Field = { name: 'name', title: 'Name', help: 'Letters, digits, dots and dashes. It stands in the address that the tool calls, and cannot be changed.', type: 'text', required: true, choices: [], example: '', gives: '', givesExample: '' }
const UNCALLED: Field = { ...NAME, help: 'Letters, digits, dots and dashes. It stands at all that comes from it, and cannot be changed.' }
const EVERY: Field = { ...NAME, name: 'every', title: 'How often it looks', help: 'A duration such as 5m; each minute without it.', type: 'duration', required: false, example: '1m' }

function Form({ tool, taken, canKeep }: { tool: Chosen; taken: readonly string[]; canKeep: boolean }) {
  const queries = useQueryClient()
  const [name, setName] = useState(() => freshName(tool.type, taken))
  const [every, setEvery] = useState('')
  const [values, setValues] = useState<Values>({})
  const [given, setGiven] = useState<Record<string, string>>({})
  const form = useRef<HTMLFormElement>(null)
  // A secret that the tool shows comes last: its webhook needs the address first. All others are asked for here.
  const asked = canKeep ? tool.fields.filter((field) => field.type === 'secret' && !(tool.delivers && (field.name === 'secret' || field.name === 'previous_secret'))) : []
  const generate = tool.delivers && !tool.issuesSecret
  const make = useMutation({
    mutationFn: () =>
      request(CreateSourceDocument, {
        input: {
          name: name.trim(),
          type: tool.type,
          every: every.trim() || null,
          settings: toSettings(tool.fields, values),
          secrets: Object.entries(given).flatMap(([field, value]) => (value.trim() ? [{ field, value: value.trim() }] : [])),
          generateSecret: generate,
        },
      }),
    onSuccess: ({ createSource: { source, secret } }) => {
      if (secret) secrets.show(source.name, secret)
      void queries.invalidateQueries({ queryKey: ['settings', 'sources'] })
      navigate({ to: '/settings/sources/$name', params: { name: source.name }, search: keepShared })
    },
  })
  const fields = [...tool.fields, NAME, EVERY]
  const faults = make.error instanceof RequestError ? byField(fields, make.error.faults) : {}
  const known = Object.keys(faults).length > 0
  useEffect(() => {
    if (make.isError) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [make.isError, make.error])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  const set = (field: string, value: Typed) => setValues((old) => ({ ...old, [field]: value }))
  const bench = tool.type === 'webhook'
  return (
    <div className={bench ? 'grid grid-cols-2 gap-x-10 max-lg:grid-cols-1' : 'max-w-[640px]'}>
      <form ref={form} onSubmit={submit} aria-label={`New source of ${tool.title}`}>
        <One field={tool.delivers ? NAME : UNCALLED} value={name} faults={faults.name} onChange={(value) => setName(String(value))} />
        {tool.looks && <One field={EVERY} value={every} faults={faults.every} onChange={(value) => setEvery(String(value))} />}
        {asked.map((field) => (
          <One key={field.name} field={field} value={given[field.name] ?? ''} faults={faults[field.name]} onChange={(value) => setGiven((old) => ({ ...old, [field.name]: String(value) }))} />
        ))}
        <Fields fields={tool.fields} values={values} faults={faults} onChange={set} />
        <Wrong error={make.error && (!known || faults['']) ? (known ? new Error(faults['']!.join(' ')) : make.error) : null} />
        <Button type="submit" look="primary" disabled={make.isPending}>
          Add the source
        </Button>
        <p className="mt-2 text-12 text-text-3">
          {generate ? 'A secret is made for it. The steps in the tool come next, with everything filled in.' : tool.delivers ? `The steps in ${tool.title} come next; it makes the secret, and shows it there.` : tool.looks ? 'It begins to look at once.' : 'What is followed is told there from then on: see Chat.'}
        </p>
      </form>
      {bench && (
        <section aria-label="Try it" className="max-lg:mt-6">
          <h2 className="mb-1 text-14 font-semibold">Try it</h2>
          <p className="mb-2 text-text-2">Paste what the tool posts, and write the expressions: the events show as you type.</p>
          <Bench by={{ type: tool.type, settings: toSettings(tool.fields, values) }} examples={[]} />
        </section>
      )}
    </div>
  )
}
