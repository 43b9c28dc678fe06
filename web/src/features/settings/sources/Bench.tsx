import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { Badge } from '@/components/Badge'
import { Sep } from '@/components/shapes'
import { Time } from '@/components/Time'
import { request, RequestError } from '@/data/client'
import { type ToolQuery, type TrialInput, TrySourceDocument, type TrySourceQuery } from '@/gql/graphql'
import { Wrong } from './parts'

type Example = NonNullable<ToolQuery['tool']>['examples'][number]
type Props = {
  /** Whose settings count. */
  by: { source: string } | { source?: string; type: string; settings: Record<string, unknown> }
  examples: readonly Example[]
}

const PAUSE = 300
const area = 'block w-full rounded-6 border border-border-control bg-surface px-2 py-1.5 font-mono text-12 leading-[19px] max-sm:text-14'
const plain = { spellCheck: false, autoCapitalize: 'none', autoComplete: 'off' } as const

/** Something that a tool could send, and what would become of it: live, and nothing is kept. */
export function Bench({ by, examples }: Props) {
  const id = useId()
  const [chosen, setChosen] = useState(examples[0]?.name ?? '')
  const [sent, setSent] = useState(() => written(examples[0]))
  const choose = (name: string) => {
    setChosen(name)
    setSent(written(examples.find((example) => example.name === name)))
  }
  const edit = (change: Partial<typeof sent>) => {
    setChosen('')
    setSent({ ...sent, ...change })
  }
  const asked = useLater<TrialInput>({ ...by, ...read(sent) })
  const query = useQuery({
    queryKey: ['trial', asked],
    queryFn: async ({ signal }) => (await request(TrySourceDocument, { trial: asked }, signal)).trySource,
    enabled: asked.body.trim() !== '',
    retry: false,
    gcTime: 0,
    staleTime: Infinity,
    placeholderData: (last) => last,
  })
  const busy = query.isFetching || JSON.stringify(asked) !== JSON.stringify({ ...by, ...read(sent) })
  return (
    <div>
      {examples.length > 0 && (
        <label className="mb-2 flex flex-wrap items-center gap-2">
          <span className="font-medium">Send</span>
          <select value={chosen} onChange={(event) => choose(event.target.value)} className="h-7 max-w-full min-w-0 rounded-6 border border-border-control bg-surface px-2 text-[12.5px] max-sm:h-11 max-sm:text-14">
            <option value="">a payload of my own</option>
            {examples.map((example) => (
              <option key={example.name} value={example.name}>
                {example.title || example.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label htmlFor={`${id}-headers`} className="mb-0.5 block font-medium">
        Headers
      </label>
      <textarea {...plain} id={`${id}-headers`} rows={2} placeholder="X-GitHub-Event: push" value={sent.headers} onChange={(event) => edit({ headers: event.target.value })} className={area} />
      <label htmlFor={`${id}-body`} className="mt-2 mb-0.5 block font-medium">
        Payload
      </label>
      <textarea {...plain} id={`${id}-body`} rows={12} placeholder="{}" value={sent.body} onChange={(event) => edit({ body: event.target.value })} className={area} />
      <section aria-label="What would become of it" aria-busy={busy} aria-live="polite" className="mt-3">
        <h2 className="mb-1 text-13 font-semibold">What would become of it</h2>
        {sent.body.trim() === '' && <p className="text-text-3">Paste what the tool sends. Nothing of it is kept.</p>}
        {query.isError ? <Wrong error={unlessFaults(query.error)} /> : sent.body.trim() !== '' && query.data && <Outcome trial={query.data} />}
        {query.isError && query.error instanceof RequestError && query.error.faults.length > 0 && (
          <ul className="text-crit">
            {query.error.faults.map((fault) => (
              <li key={fault.pointer + fault.detail} className="text-pretty [overflow-wrap:anywhere]">
                <code className="text-12">{fault.pointer.slice(1).replaceAll('/', '.')}</code> {fault.detail}
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}

const unlessFaults = (error: Error) => (error instanceof RequestError && error.faults.length > 0 ? null : error)

function written(example: Example | undefined) {
  return { headers: example?.headers.map(({ key, value }) => `${key}: ${value}`).join('\n') ?? '', query: example?.query ?? '', body: example?.body ?? '' }
}

function read({ headers, query, body }: ReturnType<typeof written>) {
  const lines = headers.split('\n').flatMap((text) => {
    const at = text.indexOf(':')
    return at > 0 ? [{ name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }] : []
  })
  return { headers: lines, query, body }
}

/** A value, once it has stood for a moment. */
function useLater<T>(value: T): T {
  const [later, setLater] = useState(value)
  const text = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => setLater(JSON.parse(text) as T), PAUSE)
    return () => clearTimeout(timer)
  }, [text])
  return later
}

type Trial = TrySourceQuery['trySource']

function Outcome({ trial }: { trial: Trial }): ReactNode {
  if (trial.fault)
    return (
      <p className="text-pretty text-crit [overflow-wrap:anywhere]">
        <b>It cannot be read:</b> {trial.fault}.
      </p>
    )
  if (trial.events.length === 0)
    return (
      <p className="text-pretty text-text-2">
        <b>It is ignored:</b> {trial.ignored}.
      </p>
    )
  return (
    <ul className="flex flex-col gap-2">
      {trial.events.slice(0, 20).map((event, i) => (
        <li key={i} className="rounded-8 border border-border px-3 py-2">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Badge>{event.kind}</Badge>
            <Badge tone={event.phase === 'failed' ? 'warn' : 'outline'}>{event.phase}</Badge>
            <b className="font-medium [overflow-wrap:anywhere]">{event.title}</b>
          </p>
          {event.subjects.map((subject) => (
            <p key={subject.name} className="mt-0.5 [overflow-wrap:anywhere]">
              about <code className="text-12">{subject.entity?.ref ?? subject.name}</code>{' '}
              <span className="text-text-3">{subject.entity ? '' : subject.new ? 'which it makes known' : 'which nobody has claimed yet: it waits under Unclaimed'}</span>
            </p>
          ))}
          <p className="mt-0.5 flex flex-wrap gap-x-1.5 text-12 text-text-3 [overflow-wrap:anywhere] *:min-w-0">
            <Time iso={event.startedAt} />
            {[event.environment && `in ${event.environment}`, event.actor && `by ${event.actor} (${event.actorType})`, event.version && `version ${event.version}`, event.commit && `commit ${event.commit.slice(0, 12)}`, `key ${event.key}`]
              .filter(Boolean)
              .map((part) => (
                <span key={String(part)} className="flex gap-x-1.5">
                  <Sep /> {part}
                </span>
              ))}
          </p>
        </li>
      ))}
      {trial.events.length > 20 && <li className="text-text-3">and {trial.events.length - 20} more</li>}
    </ul>
  )
}
