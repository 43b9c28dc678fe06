import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { Button } from '@/components/Button'
import { Checkbox } from '@/components/controls'
import { Bar, ErrorState, Loading } from '@/components/states'
import { Time } from '@/components/Time'
import { request, RequestError } from '@/data/client'
import {
  ChangeSourceDocument,
  DropSourceSecretDocument,
  RemoveSourceDocument,
  SetSourceSecretDocument,
  SourceSettingsDocument,
  type SourceSettingsQuery,
  ToolDocument,
  type ToolQuery,
} from '@/gql/graphql'
import { navigate } from '@/router'
import { keepShared } from '@/shell/search'
import { inputClass } from '../Settings'
import { Bench } from './Bench'
import { Fields, One } from './Fields'
import { byField, type Field, fromSettings, manyLines, toSettings, type Values } from './form'
import { Wrong } from './parts'
import { secrets } from './secret'
import type { Source } from './sources'

type Set = NonNullable<SourceSettingsQuery['sourceSettings']>
type Tool = NonNullable<ToolQuery['tool']>

/** What a source is set to, and its secrets. A source of the configuration file is shown how it is changed there. */
export default function SettingsTab({ source }: { source: Source }) {
  const query = useQuery({
    queryKey: ['sourceSettings', source.name],
    queryFn: async ({ signal }) => {
      // That somebody looked at a source with secrets is recorded: it is asked for once, and not with every look at the state.
      const [{ sourceSettings }, { tool }] = await Promise.all([
        source.place === 'page' ? request(SourceSettingsDocument, { name: source.name }, signal) : { sourceSettings: null },
        request(ToolDocument, { type: source.type, base: location.origin, name: source.name }, signal),
      ])
      return { set: sourceSettings ?? null, tool: tool ?? null }
    },
    staleTime: Infinity,
    refetchOnMount: 'always',
  })
  if (query.isPending)
    return (
      <Loading what="the settings">
        <Bar width="40%" />
        <Bar width="60%" />
      </Loading>
    )
  if (query.isError) return <ErrorState title="The settings could not be loaded" error={query.error} onRetry={() => void query.refetch()} />
  const { set, tool } = query.data
  if (!set || !tool)
    return (
      <div className="max-w-[760px]">
        <p className="mb-2 text-text-2">This source stands in the configuration file of the server, and is changed there; its secrets are references. This is an example of its type:</p>
        <pre tabIndex={0} className="overflow-x-auto rounded-8 border border-border bg-sunken px-3 py-[9px] text-12 leading-[19px] text-text-2">
          {tool?.guide.configuration}
        </pre>
      </div>
    )
  return <Shown key={set.revision} source={source} set={set} tool={tool} />
}

const EVERY: Field = { name: 'every', title: 'How often it looks', help: 'A duration such as 5m; each minute without it.', type: 'duration', required: false, choices: [], example: '1m', gives: '', givesExample: '' }

function Shown({ source, set, tool }: { source: Source; set: Set; tool: Tool }) {
  const queries = useQueryClient()
  const [values, setValues] = useState<Values>(() => fromSettings(tool.fields, set.settings))
  const [every, setEvery] = useState(set.every)
  const settings = toSettings(tool.fields, values)
  const save = useMutation({
    mutationFn: () => request(ChangeSourceDocument, { name: source.name, every: every.trim() || null, settings, revision: set.revision }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['settings'] }).then(() => queries.invalidateQueries({ queryKey: ['sourceSettings', source.name] })),
  })
  const faults = save.error instanceof RequestError ? byField([...tool.fields, EVERY], save.error.faults) : {}
  const known = Object.keys(faults).length > 0
  const changed = every !== set.every || JSON.stringify(settings) !== JSON.stringify(toSettings(tool.fields, fromSettings(tool.fields, set.settings)))
  const bench = tool.type === 'webhook'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <>
      <div className={bench ? 'grid grid-cols-2 gap-x-10 max-lg:grid-cols-1' : 'max-w-[640px]'}>
        <form onSubmit={submit} aria-label="Settings of the source">
          {tool.looks && <One field={EVERY} value={every} faults={faults.every} onChange={(value) => setEvery(String(value))} />}
          <Fields fields={tool.fields} values={values} faults={faults} onChange={(name, value) => setValues((old) => ({ ...old, [name]: value }))} />
          <Wrong error={save.error && (!known || faults['']) ? (known ? new Error(faults['']!.join(' ')) : save.error) : null} />
          <div className="flex items-center gap-3">
            <Button type="submit" look="primary" disabled={save.isPending || !changed}>
              Save
            </Button>
            <span role="status" className="text-12 text-text-3">
              {save.isSuccess && !changed ? 'Saved: it counts at once.' : changed ? 'Not saved yet.' : ''}
            </span>
          </div>
          <p className="mt-2 text-12 text-text-3">
            Changed by {set.changedBy.replace(/^person:/, '')}, <Time iso={set.changedAt} />. Deliveries that failed can be read again once this is mended.
          </p>
        </form>
        {bench && (
          <section aria-label="Try it" className="max-lg:mt-6">
            <h2 className="mb-1 text-14 font-semibold">Try it</h2>
            <p className="mb-2 text-text-2">Paste what the tool posts: the events show as you type, by what stands in the form, saved or not.</p>
            <Bench by={{ source: source.name, type: tool.type, settings }} examples={[]} />
          </section>
        )}
      </div>
      <div className="max-w-[760px]">
        <Secrets source={source} set={set} tool={tool} />
        <Remove source={source} />
      </div>
    </>
  )
}

function Secrets({ source, set, tool }: { source: Source; set: Set; tool: Tool }) {
  if (set.secrets.length === 0) return null
  const previous = set.secrets.find((secret) => secret.name === 'previous_secret')
  return (
    <section aria-label="Secrets" className="mt-6 border-t border-border pt-4">
      <h2 className="mb-1 text-14 font-semibold">Secrets</h2>
      <p className="mb-2 text-12 text-text-3">They go in and never come out: a fingerprint tells whether two are the same.</p>
      <ul>
        {set.secrets
          .filter((secret) => secret !== previous || previous.fingerprint)
          .map((secret) => (
            <SecretRow key={secret.name} source={source} secret={secret} field={tool.fields.find((field) => field.name === secret.name)} made={secret.name === 'secret' && tool.delivers && !tool.issuesSecret} both={previous !== undefined} />
          ))}
      </ul>
    </section>
  )
}

type RowProps = { source: Source; secret: Set['secrets'][number]; field: Field | undefined; made: boolean; both: boolean }

function SecretRow({ source, secret, field, made, both }: RowProps) {
  const queries = useQueryClient()
  const id = useId()
  const [asking, setAsking] = useState(false)
  const [text, setText] = useState('')
  const [keep, setKeep] = useState(true)
  const isMain = secret.name === 'secret'
  const previous = secret.name === 'previous_secret'
  const has = secret.fingerprint !== ''
  const done = () => {
    setAsking(false)
    setText('')
    void queries.invalidateQueries({ queryKey: ['sourceSettings', source.name] })
    void queries.invalidateQueries({ queryKey: ['settings'] })
  }
  const put = useMutation({
    mutationFn: () => request(SetSourceSecretDocument, { name: source.name, field: secret.name, secret: text.trim() || null, keepLast: isMain && both && has && keep }),
    onSuccess: ({ setSourceSecret }) => {
      if (setSourceSecret.secret) {
        secrets.show(source.name, setSourceSecret.secret)
        navigate({ to: '/settings/sources/$name', params: { name: source.name }, search: (old) => ({ ...keepShared(old), tab: 'setup' }) })
      }
      done()
    },
  })
  const drop = useMutation({ mutationFn: () => request(DropSourceSecretDocument, { name: source.name, field: secret.name }), onSuccess: done })
  return (
    <li className="border-b border-border py-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <div className="min-w-0 flex-1 basis-64">
          <b className="font-medium">{field?.title ?? secret.name}</b>
          <p className="text-12 text-text-3">
            {has ? (
              <>
                <code>{secret.fingerprint}</code>, set {secret.changedAt && <Time iso={secret.changedAt} />}
              </>
            ) : (
              <span className="text-warn">{field?.required ? 'Not set: until it is, every delivery is refused.' : 'Not set.'}</span>
            )}
          </p>
        </div>
        <span className="flex gap-2">
          {!asking && !previous && (
            <Button small onClick={() => setAsking(true)}>
              {has ? 'Change it' : 'Set it'}
            </Button>
          )}
          {has && (previous || !field?.required) && (
            <Button small disabled={drop.isPending} onClick={() => drop.mutate()}>
              {previous ? 'The tool has the new one: drop it' : 'Take it away'}
            </Button>
          )}
        </span>
      </div>
      <Wrong error={put.error ?? drop.error} />
      {asking && (
        <form
          className="mt-2 rounded-8 border border-border bg-sunken p-3"
          onSubmit={(event) => {
            event.preventDefault()
            put.mutate()
          }}
        >
          <label htmlFor={id} className="mb-0.5 block font-medium">
            {made ? 'A secret of your own, or nothing to have one made' : `What ${source.tool?.title ?? 'the tool'} shows`}
          </label>
          {field && manyLines(field) ? (
            <textarea id={id} autoFocus autoComplete="off" spellCheck={false} rows={4} placeholder={field.example} value={text} onChange={(event) => setText(event.target.value)} className="block w-full rounded-6 border border-border-control bg-surface px-2 py-1 font-mono text-12" />
          ) : (
            <input id={id} type="password" autoFocus autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} className={`${inputClass} w-full`} />
          )}
          <p className="mt-0.5 text-12 text-text-3">{field?.help}</p>
          {isMain && both && has && (
            <label className="mt-2 flex min-h-6 items-center gap-2">
              <Checkbox checked={keep} onChange={(event) => setKeep(event.target.checked)} />
              The one before goes on to count, until it is dropped here
            </label>
          )}
          <div className="mt-2 flex gap-2">
            <Button type="submit" small look="primary" disabled={put.isPending || (!made && text.trim() === '')}>
              {made && text.trim() === '' ? 'Make a secret' : 'Set the secret'}
            </Button>
            <Button
              small
              onClick={() => {
                setAsking(false)
                setText('')
              }}
            >
              Cancel
            </Button>
          </div>
        </form>
      )}
    </li>
  )
}

function Remove({ source }: { source: Source }) {
  const queries = useQueryClient()
  const [sure, setSure] = useState(false)
  const remove = useMutation({
    mutationFn: () => request(RemoveSourceDocument, { name: source.name }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['settings', 'sources'] })
      navigate({ to: '/settings/sources', search: keepShared })
    },
  })
  return (
    <section aria-label="Remove" className="mt-6 border-t border-border pt-4 pb-2">
      <h2 className="mb-1 text-14 font-semibold">Remove</h2>
      <p className="mb-2 max-w-[68ch] text-text-2">Its settings and secrets are deleted, and the tool is answered that there is no such source. What it told stays in the log.</p>
      {!sure ? (
        <Button onClick={() => setSure(true)}>Remove the source</Button>
      ) : (
        <span className="flex flex-wrap gap-2">
          <Button autoFocus disabled={remove.isPending} onClick={() => remove.mutate()}>
            Yes, remove {source.name}
          </Button>
          <Button look="ghost" onClick={() => setSure(false)}>
            Keep it
          </Button>
        </span>
      )}
      <Wrong error={remove.error} />
    </section>
  )
}
