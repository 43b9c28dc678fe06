import { useQuery } from '@tanstack/react-query'
import { Calendar, ChevronDown, Search as SearchIcon, X } from 'lucide-react'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { Kbd } from '@/components/Badge'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { request } from '@/data/client'
import { FeedCompleteDocument } from '@/gql/graphql'
import { useShortcuts } from '@/shell/keys'
import { useKinds, useViewer } from '@/shell/viewer'
import { clock, date } from '@/time/format'
import { useZones } from '@/time/zones'
import { instant, relativeLength } from '@/url/search'
import { usePhone } from './FeedList'
import { applyInput, type Choice, choices, type Known } from './complete'
import { type FeedParams, LISTS, type ListKey, rangeWords } from './params'

type Props = {
  params: FeedParams
  defaultFrom: string
  sources: readonly string[]
  onChange: (change: Partial<FeedParams>, how: 'typing' | 'choosing') => void
}

const RANGES = ['-1h', '-6h', '-24h', '-7d', '-30d', '-90d']

/** Filters as tokens, with completion; words that name no key are searched for. */
export function FilterBar({ params, defaultFrom, sources, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const phone = usePhone()
  const list = useId()
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const viewer = useViewer()
  const kinds = useKinds()

  const partial = text.split(/\s+/).at(-1) ?? ''
  const [key, fragment] = partial.includes(':') ? [partial.slice(0, partial.indexOf(':')), partial.slice(partial.indexOf(':') + 1)] : [null, partial]
  const asks = key === 'team' || key === 'service' || key === 'actor' || (key === null && fragment.length > 1)
  const remote = useQuery({
    queryKey: ['feed-complete', key, fragment],
    queryFn: ({ signal }) =>
      request(
        FeedCompleteDocument,
        { q: fragment, kinds: key === 'team' ? ['team'] : key === 'service' ? ['service'] : key === 'actor' ? ['person'] : ['service', 'team'] },
        signal,
      ),
    enabled: open && asks,
    staleTime: 60_000,
    placeholderData: (old) => old,
  })

  const known: Known = {
    env: viewer?.viewer.environments ?? [],
    kind: [...kinds.values()].map((kind) => ({ value: kind.name, label: kind.title })),
    source: sources,
    entities: asks ? (remote.data?.search ?? []) : [],
  }
  const options = open ? choices(text, known, params) : []
  const shown = active < options.length ? active : -1

  useShortcuts([
    { keys: '/', label: 'Filter', group: 'Feed', run: () => input.current?.focus() },
    { keys: 'f', label: 'Add a filter', group: 'Feed', run: () => input.current?.focus() },
  ])

  const commit = (change: Partial<FeedParams> | null) => {
    if (change) onChange(change, 'choosing')
    setText('')
    setActive(-1)
  }
  const pick = (choice: Choice) => {
    if (choice.type === 'key') {
      setText(text.slice(0, text.length - partial.length) + `${choice.key}:`)
      setActive(-1)
      input.current?.focus()
    } else commit(applyInput(text.slice(0, text.length - partial.length), params, choice))
  }
  const keys = (event: KeyboardEvent) => {
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        event.preventDefault()
        setOpen(true)
        // The input itself is one of the stops, as place -1.
        const stops = options.length + 1
        setActive(((shown + 1 + (event.key === 'ArrowDown' ? 1 : stops - 1)) % stops) - 1)
        break
      }
      case 'Enter':
        event.preventDefault()
        if (shown >= 0) pick(options[shown]!)
        else if (text.trim()) {
          // A key with one match takes it; anything else is read as it stands.
          const only = key && options.length > 0 && options[0]!.type === 'value' ? options[0]! : null
          if (only && fragment) pick(only)
          else commit(applyInput(text, params))
        }
        break
      case 'Escape':
        event.preventDefault()
        if (open && options.length && text) {
          setOpen(false)
          setActive(-1)
        } else {
          setText('')
          input.current?.blur()
        }
        break
      case 'Backspace':
        if (text === '') {
          const last = tokensOf(params).at(-1)
          if (last) onChange(last.without, 'choosing')
        }
        break
    }
  }

  const tokens = tokensOf(params)
  return (
    <div className="relative px-5 pt-2.5 max-sm:px-4 max-sm:pt-0">
      <div
        role="search"
        className="flex min-h-[34px] flex-wrap items-center gap-1.5 rounded-8 border border-border-control bg-surface py-[3px] pr-1 pl-2.5 focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-accent"
        onClick={(event) => event.target === event.currentTarget && input.current?.focus()}
      >
        <Icon of={SearchIcon} size={15} className="text-text-3" />
        {tokens.map((token) => (
          <span key={`${token.key}:${token.value}`} className="inline-flex h-6 min-w-0 items-center rounded-[5px] bg-sunken pl-2 text-[12.5px]">
            <span className="mr-1 text-text-3">{token.key}</span>
            <span className="truncate">{token.key === 'kind' ? (kinds.get(token.value)?.title ?? token.value) : token.value}</span>
            <button
              type="button"
              aria-label={`Remove ${token.key} ${token.value}`}
              onClick={() => onChange(token.without, 'choosing')}
              className="ml-0.5 grid size-6 flex-none place-items-center rounded-[5px] text-text-3 hover:text-text"
            >
              <Icon of={X} size={12} stroke={2} />
            </button>
          </span>
        ))}
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label="Filter"
          aria-expanded={options.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={shown >= 0 ? `${list}-${shown}` : undefined}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder={tokens.length || phone ? 'Add a filter' : 'Add a filter: team, service, kind, who, words'}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setActive(-1)
            setOpen(true)
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={keys}
          className="h-6 min-w-24 flex-1 bg-transparent pl-0.5 text-ellipsis outline-none"
        />
        <Kbd>/</Kbd>
        <RangePicker params={params} defaultFrom={defaultFrom} onChange={(change) => onChange(change, 'choosing')} />
      </div>
      {options.length > 0 && (
        <ul
          id={list}
          role="listbox"
          aria-label="Filters"
          className="absolute inset-x-5 top-full z-30 mt-1 max-h-80 scroll-thin rounded-8 border border-border-strong bg-raised p-1 shadow-2 max-sm:inset-x-4"
        >
          {options.map((option, i) => (
            <li
              key={option.type + option.key + ('value' in option ? option.value : '')}
              id={`${list}-${i}`}
              role="option"
              aria-selected={i === shown}
              // The input keeps the focus, so a press must not take it.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => pick(option)}
              className={cx('flex h-7 cursor-pointer items-center gap-2 rounded-6 px-2 max-sm:h-11', i === shown ? 'bg-selected' : 'hover:bg-hover')}
            >
              <span className="text-text-3">{option.key}</span>
              {option.type === 'key' ? (
                <span className="truncate text-text-3">{option.hint}</span>
              ) : (
                <>
                  <span className="truncate">{option.label}</span>
                  {option.note && <span className="ml-auto truncate text-12 text-text-3">{option.note}</span>}
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

type Token = { key: string; value: string; without: Partial<FeedParams> }

function tokensOf(params: FeedParams): Token[] {
  const tokens: Token[] = LISTS.flatMap((key: ListKey) =>
    params[key].map((value) => ({
      key: key as string,
      value: value === 'automation' && key === 'by' ? 'auto' : value,
      without: { [key]: params[key].filter((v) => v !== value) },
    })),
  )
  if (params.q) tokens.push({ key: 'words', value: params.q, without: { q: '' } })
  return tokens
}

function RangePicker({ params, defaultFrom, onChange }: Pick<Props, 'params' | 'defaultFrom'> & { onChange: (change: Partial<FeedParams>) => void }) {
  const { primary } = useZones()
  const from = params.from ?? defaultFrom
  const absolute = relativeLength(from) === null || params.to !== undefined
  const now = Date.now()
  const words = (bound: string | undefined) => {
    const at = instant(bound, now)
    return at === null ? 'now' : `${date(at, primary.id, now)} ${clock(at, primary.id)}`
  }
  const label = absolute ? `${words(from)} – ${words(params.to)}` : rangeWords(from)
  const options = absolute || RANGES.includes(from) ? RANGES : [...RANGES, from]
  return (
    <label className="relative ml-1 inline-flex h-6 items-center gap-1.5 rounded-[5px] border border-border-strong bg-surface px-2 text-12 font-medium shadow-1 hover:bg-hover max-sm:h-9 max-sm:text-14">
      <Icon of={Calendar} size={13} className="text-text-3" />
      <span className="max-w-64 truncate">{label}</span>
      {absolute && <Icon of={ChevronDown} size={12} className="text-text-3" />}
      <select
        aria-label="Window"
        value={absolute ? 'absolute' : from}
        onChange={(event) => onChange({ from: event.target.value === defaultFrom ? undefined : event.target.value, to: undefined })}
        className="absolute -inset-px size-[calc(100%+2px)] cursor-pointer opacity-0"
      >
        {absolute && <option value="absolute">{label}</option>}
        {options.map((range) => (
          <option key={range} value={range}>
            Last {rangeWords(range)}
          </option>
        ))}
      </select>
    </label>
  )
}
