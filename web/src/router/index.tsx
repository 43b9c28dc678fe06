import { type ComponentProps, createContext, type ReactNode, startTransition, use, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { parseSearch, type Search, stringifySearch } from '@/url/search'
import { fill, match, type Params, type Path } from './paths'

/**
 * The URL is the state, and this is all that keeps it: an address, its search as a flat map of strings, links that say
 * where they lead, and pages whose code comes when they are opened.
 */
export type Location = { pathname: string; search: Search; path: Path | null; params: Record<string, string> }

type Change = Search | ((old: Search) => Search)
/** Where to go: a path of the page, or `.` for this one. Without `search` the target has none. */
export type Target = { to: string; params?: Record<string, string>; search?: Change; replace?: boolean }

const Context = createContext<Location | null>(null)

function read(): Location {
  const { pathname, search } = window.location
  const found = match(pathname)
  return { pathname, search: parseSearch(search), path: found?.path ?? null, params: found?.params ?? {} }
}

const listeners = new Set<() => void>()
const preloaders = new Map<Path, () => unknown>()

function addressOf({ to, params, search }: Target, current: Location): string {
  const pathname = to === '.' ? current.pathname : fill(to, params)
  const next = typeof search === 'function' ? search(current.search) : (search ?? {})
  return pathname + stringifySearch(next)
}

/** Goes somewhere. Going where one is already leaves no step in the history. */
export function navigate(target: Target) {
  const address = addressOf(target, read())
  if (address === window.location.pathname + window.location.search) return
  if (target.replace) window.history.replaceState(null, '', address)
  else window.history.pushState(null, '', address)
  for (const listener of listeners) listener()
}

export type Pages = Record<Path, { load: () => Promise<unknown> }>

/** Knows where the page is, for everything below it. */
export function Router({ pages, children }: { pages: Pages; children: ReactNode }) {
  const [location, setLocation] = useState(read)
  const shown = useRef(location.pathname)
  useEffect(() => {
    for (const [path, page] of Object.entries(pages)) preloaders.set(path as Path, page.load)
    const update = () => {
      const next = read()
      // The old page stays until the code of the new one is there; a change of the search alone shows at once.
      if (next.pathname === shown.current) setLocation(next)
      else startTransition(() => setLocation(next))
      shown.current = next.pathname
    }
    listeners.add(update)
    window.addEventListener('popstate', update)
    // What is below may have gone elsewhere already: its effects run before this one.
    if (window.location.pathname !== shown.current) update()
    return () => {
      listeners.delete(update)
      window.removeEventListener('popstate', update)
    }
  }, [pages])
  return <Context value={location}>{children}</Context>
}

export function useLocation(): Location {
  return use(Context)!
}

/** The parameters of the address: `service` for `/s/$service`. */
export function useParams(): Record<string, string | undefined> {
  return useLocation().params
}

/** The search of the address, all of it. */
export function useSearch(): Search {
  return useLocation().search
}

export function useNavigate(): (target: Target) => void {
  return navigate
}

type LinkProps<P extends Path> = Omit<ComponentProps<'a'>, 'href'> & {
  to: P
  search?: Change
} & (Params<P> extends Record<string, never> ? { params?: undefined } : { params: Params<P> })

/** A real link. It marks itself as the current page, unless it is told whether it is. */
export function Link<P extends Path>({ to, params, search, onClick, onPointerEnter, onFocus, ...rest }: LinkProps<P>) {
  const location = useLocation()
  const href = useMemo(() => addressOf({ to, params, search }, location), [to, params, search, location])
  const preload = useCallback(() => void preloaders.get(to)?.(), [to])
  const here = fill(to, params) === location.pathname
  return (
    <a
      aria-current={here ? 'page' : undefined}
      {...rest}
      href={href}
      onPointerEnter={(event) => {
        preload()
        onPointerEnter?.(event)
      }}
      onFocus={(event) => {
        preload()
        onFocus?.(event)
      }}
      onClick={(event) => {
        onClick?.(event)
        if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
        if (rest.target && rest.target !== '_self') return
        event.preventDefault()
        navigate({ to, params, search })
      }}
    />
  )
}
