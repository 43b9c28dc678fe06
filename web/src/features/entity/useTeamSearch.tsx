import { useRef } from 'react'
import { type Answer, SearchBox } from '@/components/SearchBox'
import { useNavigate } from '@/router'
import { useShortcuts } from '@/shell/keys'
import { useUrl } from '@/shell/search'

/** A box that narrows a list of teams to those that are called so, or that a word of their description names. */
export function useTeamSearch() {
  const q = useUrl().q ?? ''
  const navigate = useNavigate()
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLUListElement>(null)
  useShortcuts([{ keys: '/', label: 'Search', group: 'Teams', run: () => input.current?.focus() }])
  const box = (answer: Answer) => (
    <SearchBox
      what="Teams"
      placeholder="Name of a team"
      q={q}
      answer={answer}
      input={input}
      onChange={(next) => navigate({ to: '.', search: (old) => ({ ...old, q: next || undefined }), replace: true })}
      onLeave={() => list.current?.querySelector('a')?.focus()}
    />
  )
  return { q, box, list }
}
