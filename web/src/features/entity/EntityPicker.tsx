import { useQuery } from '@tanstack/react-query'
import { Search, X } from 'lucide-react'
import { type Ref, useId, useState } from 'react'
import { IconButton } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { request } from '@/data/client'
import { type EntityKind, PickEntityDocument, type PickEntityQuery } from '@/gql/graphql'
import { nameOf } from './EntityLink'

export type Picked = PickEntityQuery['search'][number]

type Props = {
  /** What the field is for, to those who cannot see where it stands. */
  label: string
  placeholder: string
  kinds?: EntityKind[]
  /** What is chosen now, in words. */
  value?: string
  input?: Ref<HTMLInputElement>
  onPick: (entity: Picked) => void
  onClear?: () => void
  /** Takes what was typed as it is, when nothing of the list is meant. */
  onText?: (text: string) => void
  /** Whether it stands at the right of the page: what hangs under it goes to the left. */
  end?: boolean
  className?: string
}

/** What hangs under the field. */
const hanging = 'absolute top-full z-40 mt-1 w-max max-w-[min(420px,90vw)] min-w-full rounded-8 border border-border-strong bg-raised shadow-2'

const KINDS: EntityKind[] = ['service', 'resource', 'api', 'team', 'system']

/** Finds one entity as one types, by keyboard alone if one likes. */
export function EntityPicker({ label, placeholder, kinds = KINDS, value = '', input, onPick, onClear, onText, end, className }: Props) {
  const list = useId()
  const [text, setText] = useState<string | null>(null)
  const [at, setAt] = useState(0)
  const words = text?.trim() ?? ''
  const found = useQuery({
    queryKey: ['pick', words, kinds],
    queryFn: ({ signal }) => request(PickEntityDocument, { q: words, kinds }, signal),
    enabled: words.length > 0,
    placeholderData: (old) => old,
  })
  const options = words ? (found.data?.search ?? []) : []
  const open = text !== null && options.length > 0
  const nothing = words !== '' && found.isSuccess && !found.isPlaceholderData && options.length === 0
  const place = Math.min(at, options.length - 1)
  const below = cx(hanging, end ? 'right-0' : 'left-0')
  const leave = () => {
    setText(null)
    setAt(0)
  }
  const pick = (entity: Picked | undefined) => {
    if (entity) onPick(entity)
    else if (words) onText?.(words)
    leave()
  }
  // Who types on and presses Enter means what the words find, and not what the words before had found.
  const choose = async () => pick(found.isFetching ? (await found.refetch({ cancelRefetch: false })).data?.search[0] : options[place])
  return (
    <div className={cx('relative', className)}>
      <div className="flex h-[30px] items-center gap-2 rounded-[7px] border border-border-control bg-surface pr-1 pl-[9px] text-text-3 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent max-sm:h-11 max-sm:rounded-[11px] max-sm:px-3">
        <Icon of={Search} />
        <input
          ref={input}
          role="combobox"
          aria-label={label}
          aria-expanded={open}
          aria-controls={open ? list : undefined}
          aria-activedescendant={open ? `${list}-${place}` : undefined}
          aria-autocomplete="list"
          placeholder={placeholder}
          value={text ?? value}
          maxLength={200}
          spellCheck={false}
          autoCapitalize="none"
          autoComplete="off"
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onFocus={(event) => event.target.select()}
          onBlur={leave}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
            if (step && options.length > 0) setAt((place + step + options.length) % options.length)
            else if (event.key === 'Enter') void choose()
            else if (event.key === 'Escape' && text !== null) leave()
            else return
            event.preventDefault()
          }}
          className="h-full min-w-0 flex-1 bg-transparent text-text outline-none max-sm:text-16"
        />
        {value && onClear && text === null && (
          <IconButton label={`Clear: ${label}`} onClick={onClear} className="max-sm:!size-9">
            <Icon of={X} size={13} />
          </IconButton>
        )}
      </div>
      {/* There before it has words, so that they are heard. */}
      <p role="status" className={nothing ? cx(below, 'px-3 py-2 text-text-2') : ''}>
        {nothing && `Nothing is called “${words}”`}
      </p>
      {open && (
        <ul
          id={list}
          role="listbox"
          aria-label={label}
          className={cx(below, 'overflow-hidden p-1')}
        >
          {options.map((entity, i) => (
            <li
              key={entity.ref}
              id={`${list}-${i}`}
              role="option"
              aria-selected={i === place}
              // The field keeps the focus, so that leaving it does not close the list before the click is heard.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => pick(entity)}
              onPointerMove={() => setAt(i)}
              className={cx('flex h-8 cursor-pointer items-center gap-2 rounded-6 px-2 max-sm:h-11', i === place && 'bg-selected')}
            >
              <span className="truncate font-medium">{nameOf(entity)}</span>
              <span className="truncate text-12 text-text-3">
                {entity.kind}
                {entity.owner && `, ${nameOf(entity.owner)}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
