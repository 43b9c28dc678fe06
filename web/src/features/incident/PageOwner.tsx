import { useState } from 'react'
import { Button } from '@/components/Button'

type Props = { pagers: string[]; what: string; /** What is said at first. */ text: string; busy: boolean; onPage: (source: string, text: string) => void; onClose: () => void }

/** Asks once more before somebody is woken, and says so where there is nothing to do it with. */
export function PageOwner({ pagers, what, text: begun, busy, onPage, onClose }: Props) {
  const [source, setSource] = useState(pagers[0] ?? '')
  const [text, setText] = useState(begun)
  const field = 'h-7 rounded-6 border border-border-control bg-surface px-2 max-sm:h-11 max-sm:w-full max-sm:text-[16px]'
  return (
    <form
      aria-label="Page whoever is on call"
      className="flex flex-none flex-wrap items-center gap-2 border-b border-border bg-sunken px-5 py-2 max-sm:px-4"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
      onSubmit={(event) => {
        event.preventDefault()
        onPage(source, text.trim())
      }}
    >
      {pagers.length === 0 ? (
        <p role="status">There is nothing to page with: give a source of PagerDuty a routing key, or one of Opsgenie an API key.</p>
      ) : (
        <>
          <span>Page whoever is on call for {what}, through</span>
          {pagers.length === 1 ? (
            <b className="font-medium">{source}</b>
          ) : (
            <select aria-label="Through" value={source} onChange={(event) => setSource(event.target.value)} className={field}>
              {pagers.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          <input
            // Who asked to page writes next.
            autoFocus
            aria-label="What is said to whom is paged"
            placeholder="What do they need to know?"
            maxLength={300}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className={`${field} min-w-0 flex-1 max-sm:flex-none`}
          />
          <Button type="submit" look="primary" disabled={busy}>
            Page
          </Button>
        </>
      )}
      <Button onClick={onClose}>{pagers.length === 0 ? 'Close' : 'Cancel'}</Button>
    </form>
  )
}
