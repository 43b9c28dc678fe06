import { useNavigate } from '@/router'
import { useCallback, useMemo } from 'react'
import { useUrl } from '@/shell/search'
import type { Search } from '@/url/search'
import { decode, encode, type FeedParams } from './params'

/** The feed's state, which lives in the URL alone. Choosing makes a step in the browser's history, typing does not. */
export function useFeedUrl() {
  const url = useUrl()
  const navigate = useNavigate()
  const { sel, tz: _tz, ...rest } = url
  // The panel and the zone change nothing about what is asked for: they must not make it anew.
  const text = JSON.stringify(rest)
  const params = useMemo(() => decode(JSON.parse(text) as Search), [text])

  const change = useCallback(
    (next: Partial<FeedParams>, how: 'typing' | 'choosing' = 'choosing') =>
      void navigate({ to: '.', search: (old: Search) => encode(old, next), replace: how === 'typing' }),
    [navigate],
  )
  const select = useCallback(
    (id: string | null) =>
      void navigate({
        to: '.',
        // The first opening is a step back can undo; going from one to the next is not.
        replace: sel !== undefined,
        search: (old: Search) => {
          const { sel: _old, ...others } = old
          return id ? { ...others, sel: id } : others
        },
      }),
    [navigate, sel],
  )
  return { params, change, selected: sel ?? null, select }
}
