import { Plus, X } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { Button, IconButton } from '@/components/Button'
import { Checkbox } from '@/components/controls'
import { Icon } from '@/components/Icon'
import { type Field, manyLines, type Pair, type Typed, type Values } from './form'

const input = 'w-full min-w-0 rounded-6 border border-border-control bg-surface px-2 text-[12.5px] max-sm:text-14'
const line = `${input} h-7 max-sm:h-11`
const plain = { spellCheck: false, autoCapitalize: 'none', autoComplete: 'off', autoCorrect: 'off' } as const

type Props = { fields: readonly Field[]; values: Values; faults: Record<string, string[]>; onChange: (name: string, value: Typed) => void }

/** The settings of a source, each as its own kind asks for it. Secrets are typed elsewhere. */
export function Fields({ fields, values, faults, onChange }: Props) {
  return fields
    .filter((field) => field.type !== 'secret')
    .map((field) => <One key={field.name} field={field} value={values[field.name]} faults={faults[field.name]} onChange={(value) => onChange(field.name, value)} />)
}

type OneProps = { field: Field; value: Typed | undefined; faults?: string[]; onChange: (value: Typed) => void }

export function One({ field, value, faults, onChange }: OneProps) {
  const id = useId()
  const text = typeof value === 'string' ? value : ''
  const common = { id, 'aria-describedby': `${id}-help`, 'aria-invalid': faults ? true : undefined, 'aria-required': field.required || undefined }
  if (field.type === 'switch')
    return (
      <div className="mb-3">
        <label className="flex min-h-6 items-start gap-2 max-sm:min-h-11 max-sm:items-center">
          <span className="pt-[3px]">
            <Checkbox checked={value === true} aria-describedby={`${id}-help`} onChange={(event) => onChange(event.target.checked)} />
          </span>
          {field.title}
        </label>
        <Help id={id} field={field} faults={faults} className="pl-[23px]" />
      </div>
    )
  if (field.type === 'map')
    return (
      <fieldset className="mb-3 min-w-0">
        <legend className="mb-0.5 font-medium">{field.title}</legend>
        <Help id={id} field={field} faults={faults} />
        <Pairs field={field} value={Array.isArray(value) ? value : []} onChange={onChange} />
      </fieldset>
    )
  return (
    <div className="mb-3">
      <label htmlFor={id} className="mb-0.5 block font-medium">
        {field.title}
        {field.required && <span className="font-normal text-text-3"> (required)</span>}
      </label>
      {field.type === 'choice' ? (
        <select {...common} value={text} onChange={(event) => onChange(event.target.value)} className={line}>
          {field.choices.map((choice, i) => (
            <option key={choice.value} value={i === 0 ? '' : choice.value}>
              {choice.title}
            </option>
          ))}
        </select>
      ) : field.type === 'list' || manyLines(field) ? (
        <textarea {...common} {...plain} rows={2} placeholder={field.example} value={text} onChange={(event) => onChange(event.target.value)} className={`${input} block py-1 leading-5`} />
      ) : field.type === 'expression' ? (
        <textarea
          {...common}
          {...plain}
          rows={1}
          placeholder={field.example}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          className={`${input} block min-h-7 py-1 font-mono leading-5 [field-sizing:content] max-sm:min-h-11`}
        />
      ) : (
        <input {...common} {...plain} type={field.type === 'secret' ? 'password' : 'text'} inputMode={field.type === 'number' ? 'numeric' : undefined} placeholder={field.example} value={text} onChange={(event) => onChange(event.target.value)} className={line} />
      )}
      <Help id={id} field={field} faults={faults} />
    </div>
  )
}

function Help({ id, field, faults, className }: { id: string; field: Field; faults?: string[] | undefined; className?: string }): ReactNode {
  const more = field.type === 'list' ? 'One on each line.' : ''
  return (
    <div id={`${id}-help`} className={className}>
      {(field.help || more) && <p className="max-w-[68ch] text-12 text-pretty text-text-3 max-sm:text-13">{[field.help, more].filter(Boolean).join(' ')}</p>}
      {faults?.map((fault) => (
        <p key={fault} className="text-12 text-pretty text-crit [overflow-wrap:anywhere] max-sm:text-13">
          {fault}
        </p>
      ))}
    </div>
  )
}

/** Names of the tool, and what each is here. There is always a line to type into. */
function Pairs({ field, value, onChange }: { field: Field; value: Pair[]; onChange: (value: Pair[]) => void }) {
  const rows: Pair[] = value.length > 0 ? value : [['', '']]
  const set = (at: number, next: Pair) => onChange(rows.map((row, i) => (i === at ? next : row)))
  return (
    <>
      <ul>
        {rows.map(([name, gives], i) => (
          <li key={i} className="mt-1 grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)_auto] items-center gap-1.5">
            <input {...plain} aria-label={`${field.title}: name ${i + 1} in the tool`} placeholder={field.example} value={name} onChange={(event) => set(i, [event.target.value, gives])} className={line} />
            <span className="text-12 text-text-3">is</span>
            <input {...plain} aria-label={`${field.title}: ${field.gives} of ${name || `name ${i + 1}`}`} placeholder={field.givesExample} value={gives} onChange={(event) => set(i, [name, event.target.value])} className={line} />
            <IconButton label={`Take ${name || `line ${i + 1}`} away`} disabled={value.length === 0} onClick={() => onChange(value.filter((_, at) => at !== i))}>
              <Icon of={X} />
            </IconButton>
          </li>
        ))}
      </ul>
      <Button small look="ghost" className="mt-1" onClick={() => onChange([...rows, ['', '']])}>
        <Icon of={Plus} size={13} />
        Another
      </Button>
    </>
  )
}
