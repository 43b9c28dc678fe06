import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react'
import { Button } from '@/components/Button'
import { cx } from '@/components/cx'
import { Drawer } from '@/components/Drawer'
import { Icon } from '@/components/Icon'
import { saveText } from '@/components/save'
import { Bar, CopyButton, ErrorState, Loading } from '@/components/states'
import { request, RequestError } from '@/data/client'
import { AnnotationsDocument } from '@/gql/graphql'
import { type Form, FORMS, type FormId, firstWorkload, KIND_WORDS, KINDS, parseWorkload, sameWorkload, type Workload } from './annotations'

/** Long enough to type on. */
const PAUSE = 200

type Props = { entity: { ref: string; name: string }; form: Form; onForm: (form: FormId) => void; onClose: () => void }

/** The annotations that say in a cluster what the roll says, ready to be put there, and the descriptors that say the same in a repository. */
export default function AnnotationsDialog({ entity, form, onForm, onClose }: Props) {
  const panel = useId()
  const [workload, setWorkload] = useState<Workload | null>(null) // null until somebody changes it
  const [key, setKey] = useState('annotations')
  const asked = useLater({ form: form.id, workload, key })
  const query = useQuery({
    queryKey: ['annotations', entity.ref, asked],
    queryFn: async ({ signal }) => {
      const forWorkload = asked.workload && { workload: `${asked.workload.kind}/${asked.workload.name}`, namespace: asked.workload.namespace }
      const { entity: found } = await request(AnnotationsDocument, { ref: entity.ref, format: asked.form, key: asked.key, ...forWorkload }, signal)
      return { form: asked.form, known: found?.workloads ?? [], text: found?.descriptor ?? '' }
    },
    retry: false,
  })
  // What was written last stays while one types, also what cannot be. It is not shown under another form.
  const [last, setLast] = useState(query.data)
  useEffect(() => {
    if (query.data) setLast(query.data)
  }, [query.data])
  const known = last?.known ?? []
  const shown = workload ?? firstWorkload(known, entity.name)
  const text = last?.form === form.id ? last.text : null
  const invalid = query.error instanceof RequestError && query.error.code === 'invalid' ? query.error.message : null
  const failed = query.isError && invalid === null

  return (
    <Drawer title="Generate config" side="middle" open onClose={onClose}>
      <Forms form={form.id} panel={panel} onForm={onForm} />
      <div id={panel} role="tabpanel" aria-labelledby={`${panel}-${form.id}`} className="pb-2.5">
        <p className="mt-3 text-pretty text-text-2">{form.note}</p>
        {(form.id === 'kustomize' || form.id === 'kubectl') && (
          <WorkloadFields workload={shown} known={known} namespace={form.id === 'kubectl'} onChange={setWorkload} />
        )}
        {form.id === 'helm' && (
          <Field label="Where the chart takes annotations" className="mt-3 max-w-80">
            <input className={input} value={key} maxLength={512} spellCheck={false} autoCapitalize="none" autoComplete="off" onChange={(event) => setKey(event.target.value)} />
          </Field>
        )}
        {query.isPending && text === null && (
          <Loading what="the annotations">
            <div className="mt-3">
              <Bar width="40%" />
              <Bar width="70%" />
              <Bar width="60%" />
            </div>
          </Loading>
        )}
        {invalid !== null && (
          <p role="alert" className="mt-2 text-pretty text-crit">
            {invalid}
          </p>
        )}
        {failed && <ErrorState title="They could not be written" error={query.error!} onRetry={() => void query.refetch()} />}
        {text !== null && !failed && (
          <>
            <pre
              tabIndex={0}
              aria-label={form.label}
              aria-busy={query.isFetching}
              className={cx(
                'scroll-thin mt-3 max-h-[46vh] overflow-auto rounded-8 border border-border bg-sunken px-3 py-[9px] text-12 leading-[19px] max-sm:max-h-[28vh]',
                invalid === null ? 'text-text-2' : 'text-text-3',
              )}
            >
              {text}
            </pre>
            <div className="mt-2.5 flex flex-wrap items-center gap-2" hidden={invalid !== null}>
              <CopyButton text={text} />
              <Button small onClick={() => saveText(text, form.file)}>
                <Icon of={Download} size={13} className="text-text-3" />
                {form.file}
              </Button>
            </div>
            <p className="mt-2 flex flex-wrap items-center gap-2 text-12 text-text-3" hidden={invalid !== null}>
              Then <code className="rounded-4 bg-sunken px-1.5 py-0.5 text-text-2">{form.apply}</code>
              <CopyButton text={form.apply} label="Copy command" look="plain" />
              {form.file.endsWith('.yaml') && form.apply.startsWith('tidings') ? 'A connected repository is read by itself.' : 'An agent in the cluster reads them back.'}
            </p>
          </>
        )}
      </div>
    </Drawer>
  )
}

const input = 'h-7 w-full min-w-0 rounded-6 border border-border-control bg-surface px-2 font-mono text-12 max-sm:h-11 max-sm:text-14'

/** The tabs: arrow keys go from one to the next, as in every tab list. */
function Forms({ form, panel, onForm }: { form: FormId; panel: string; onForm: (form: FormId) => void }) {
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const at = FORMS.findIndex(({ id }) => id === form)
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? FORMS.length - 1 : step === undefined ? at : (at + step + FORMS.length) % FORMS.length
    if (to === at) return
    event.preventDefault()
    const next = FORMS[to]!.id
    onForm(next)
    document.getElementById(`${panel}-${next}`)?.focus()
  }
  return (
    <div role="tablist" aria-label="Form" onKeyDown={move} className="-mx-3.5 flex gap-4 overflow-x-auto border-b border-border px-3.5">
      {FORMS.map(({ id, label }) => (
        <button
          key={id}
          id={`${panel}-${id}`}
          type="button"
          role="tab"
          aria-selected={id === form}
          aria-controls={id === form ? panel : undefined}
          tabIndex={id === form ? 0 : -1}
          onClick={() => onForm(id)}
          className="flex h-9 flex-none items-center border-b-2 border-transparent -outline-offset-2 text-text-2 hover:text-text aria-selected:border-accent aria-selected:font-medium aria-selected:text-accent max-sm:h-11"
        >
          {label}
        </button>
      ))}
    </div>
  )
}

type FieldsProps = { workload: Workload; known: readonly string[]; namespace: boolean; onChange: (workload: Workload) => void }

function WorkloadFields({ workload, known, namespace, onChange }: FieldsProps) {
  const words = (text: string) => {
    const one = parseWorkload(text)
    return `${one.namespace} / ${KIND_WORDS[one.kind] ?? one.kind} ${one.name}`
  }
  const chosen = known.find((text) => sameWorkload(parseWorkload(text), workload)) ?? ''
  return (
    <div className="mt-3 flex flex-wrap gap-2.5">
      {known.length > 1 && (
        <Field label="Known in clusters" className="basis-full">
          <select className={input} value={chosen} onChange={(event) => event.target.value && onChange(parseWorkload(event.target.value))}>
            <option value="" disabled>
              Another
            </option>
            {known.map((text) => (
              <option key={text} value={text}>
                {words(text)}
              </option>
            ))}
          </select>
        </Field>
      )}
      <Field label="Kind" className="basis-36 max-sm:basis-32">
        <select className={input} value={workload.kind} onChange={(event) => onChange({ ...workload, kind: event.target.value })}>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {KIND_WORDS[kind]}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Name" className="flex-1 basis-40">
        <input
          className={input}
          value={workload.name}
          maxLength={253}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          onChange={(event) => onChange({ ...workload, name: event.target.value })}
        />
      </Field>
      {namespace && (
        <Field label="Namespace" className="flex-1 basis-40">
          <input
            className={input}
            value={workload.namespace}
            maxLength={63}
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            placeholder="the current one"
            onChange={(event) => onChange({ ...workload, namespace: event.target.value })}
          />
        </Field>
      )}
    </div>
  )
}

function Field({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    <label className={cx('block min-w-0', className)}>
      <span className="mb-1 block text-12 text-text-3">{label}</span>
      {children}
    </label>
  )
}

/** What a person types is asked for after a pause; another form at once. */
function useLater<T extends { form: string }>(value: T): T {
  const [later, setLater] = useState(value)
  const text = JSON.stringify(value)
  useEffect(() => {
    const next = JSON.parse(text) as T
    if (next.form !== later.form) {
      setLater(next)
      return
    }
    const timer = setTimeout(() => setLater(next), PAUSE)
    return () => clearTimeout(timer)
  }, [text, later.form])
  return later
}
