import { Search } from 'lucide-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { Kbd } from './Badge'
import { Icon } from './Icon'

/** Long enough to type on, short enough to feel like none. */
const PAUSE = 100

/** What a query finds, or what the one before it found. */
export type Answer = { isPending: boolean; isPlaceholderData: boolean }

type Props = {
  /** What is looked for, in the plural. */
  what: string
  placeholder: string
  q: string
  /** What q finds. */
  answer: Answer
  input: RefObject<HTMLInputElement | null>
  onChange: (q: string) => void
  /** Goes on to what was found. */
  onLeave: () => void
}

/** Searches as one types; what was typed lives in the URL. */
export function SearchBox({ what, placeholder, q, answer, input, onChange, onLeave }: Props) {
  const [text, setText] = useState(q)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // What was sent last comes back through the URL; anything else there is news from a link or the back button.
  const sent = useRef(q)
  useEffect(() => {
    if (q === sent.current) return
    clearTimeout(timer.current)
    sent.current = q
    setText(q)
  }, [q])
  useEffect(() => () => clearTimeout(timer.current), [])

  // Who types and presses Enter at once means what the words find, and waits for it.
  const [leaving, setLeaving] = useState(false)
  const answered = !answer.isPending && !answer.isPlaceholderData
  useEffect(() => {
    if (!leaving || !answered || q !== sent.current) return
    setLeaving(false)
    onLeave()
  }, [leaving, answered, q, onLeave])

  const send = (next: string) => {
    clearTimeout(timer.current)
    if (next.trim() === sent.current) return
    sent.current = next.trim()
    onChange(next)
  }
  const type = (next: string) => {
    setText(next)
    setLeaving(false)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => send(next), PAUSE)
  }
  const leave = () => {
    send(text)
    setLeaving(true)
  }
  return (
    <form
      role="search"
      aria-label={what}
      onSubmit={(event) => {
        event.preventDefault()
        leave()
      }}
      className="flex h-[30px] w-[296px] min-w-0 items-center gap-2 rounded-[7px] border border-border-control pr-1.5 pl-[9px] text-text-3 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent max-sm:mx-4 max-sm:mt-2.5 max-sm:h-11 max-sm:w-auto max-sm:gap-2.5 max-sm:rounded-[11px] max-sm:px-3"
    >
      <Icon of={Search} className="max-sm:size-[18px]" />
      <input
        ref={input}
        type="search"
        aria-label={`Search ${what.toLowerCase()}`}
        placeholder={placeholder}
        value={text}
        maxLength={200}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        onChange={(event) => type(event.target.value)}
        onBlur={() => setLeaving(false)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault()
            leave()
          } else if (event.key === 'Escape') {
            // The first press empties, the second leaves.
            event.preventDefault()
            if (!text) return event.currentTarget.blur()
            setText('')
            setLeaving(false)
            send('')
          }
        }}
        className="h-full min-w-0 flex-1 appearance-none bg-transparent text-text outline-none max-sm:text-16 [&::-webkit-search-cancel-button]:hidden"
      />
      {!text && (
        <span aria-hidden>
          <Kbd>/</Kbd>
        </span>
      )}
    </form>
  )
}
