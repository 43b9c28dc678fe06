import { useCallback, useMemo } from 'react'
import { useNavigate } from '@/router'
import { useUrl } from '@/shell/search'
import type { Search } from '@/url/search'
import { type CatalogParams, decode, encode } from './params'

/** The catalog's state, which lives in the URL alone. Choosing makes a step in the browser's history, typing does not. */
export function useCatalogUrl() {
  const { tz: _tz, env: _env, ...rest } = useUrl()
  const navigate = useNavigate()
  const text = JSON.stringify(rest)
  const params = useMemo(() => decode(JSON.parse(text) as Search), [text])
  const change = useCallback(
    (next: Partial<CatalogParams>, how: 'typing' | 'choosing' = 'choosing') =>
      void navigate({ to: '.', search: (old: Search) => encode(old, next), replace: how === 'typing' }),
    [navigate],
  )
  return { params, change }
}

export type Change = ReturnType<typeof useCatalogUrl>['change']
