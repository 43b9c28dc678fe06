import { useQuery } from '@tanstack/react-query'
import { Component, type ComponentType, lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { navigate, type Pages, Router, useLocation } from './router'
import { match, type Path } from './router/paths'
import { NotFound } from './shell/NotFound'
import { RouteError } from './shell/RouteError'
import { keepShared } from './shell/search'
import { Shell } from './shell/Shell'
import { viewerQuery } from './shell/viewer'

type Module = { default: ComponentType }

function page(load: () => Promise<Module>) {
  return { load, Page: lazy(load) }
}

const pages = {
  '/start': page(() => import('./features/start/StartPage')),
  '/feed': page(() => import('./features/feed/FeedPage')),
  '/services': page(() => import('./features/catalog/ServicesPage')),
  '/teams': page(() => import('./features/entity/TeamsPage')),
  '/unclaimed': page(() => import('./features/unclaimed/UnclaimedPage')),
  '/on-call': page(() => import('./features/duty/OnCallPage')),
  '/t/$team': page(() => import('./pages/TeamRoute')),
  '/map': page(() => import('./features/map/MapPage')),
  '/s/$service/deps': page(() => import('./features/map/ServiceMapPage')),
  '/incidents': page(() => import('./features/incident/IncidentsPage')),
  '/i/$incident': page(() => import('./features/incident/IncidentPage')),
  '/at': page(() => import('./features/incident/AtPage')),
  '/s/$service': page(() => import('./pages/ServiceRoute')),
  '/r/$kind/$name': page(() => import('./pages/EntityRoute')),
  '/e/$event': page(() => import('./features/feed/EventPage')),
  '/settings/me': page(() => import('./features/settings/MePage')),
  '/settings/tokens': page(() => import('./features/settings/TokensPage')),
  '/settings/chat': page(() => import('./features/settings/chat/ChatPage')),
  '/settings/people': page(() => import('./features/settings/PeoplePage')),
  '/settings/sources': page(() => import('./features/settings/sources/SourcesPage')),
  '/settings/sources/$name': page(() => import('./features/settings/sources/SourcePage')),
  '/settings/jobs': page(() => import('./features/settings/JobsPage')),
  '/settings/new-source': page(() => import('./features/settings/sources/NewSourcePage')),
  '/login': page(() => import('./features/login/LoginPage')),
  '/login/link': page(() => import('./features/login/LoginPage')),
} satisfies Pages & Record<Path, unknown>

const Palette = lazy(() => import('./features/palette/Palette'))
const palette = (onClose: () => void) => <Palette onClose={onClose} />

// The code of the first page is asked for at once, not when React comes to it.
void pages[match(window.location.pathname)?.path ?? '/feed'].load()

export function App() {
  return (
    <Router pages={pages}>
      <Framed />
    </Router>
  )
}

/** The login stands alone: whoever is not known yet has nowhere else to go. */
function Framed() {
  const { path } = useLocation()
  if (path === '/login' || path === '/login/link') return <Current />
  return (
    <Shell palette={palette}>
      <Current />
    </Shell>
  )
}

function Current() {
  const { path, pathname } = useLocation()
  const first = useRef(true)
  useEffect(() => {
    // A new page begins at its top for a keyboard and a screen reader, as a loaded page would.
    if (!first.current) document.getElementById('main')?.focus({ preventScroll: true })
    first.current = false
  }, [pathname])
  if (pathname === '/') return <Home />
  if (!path) return <NotFound />
  const { Page } = pages[path]
  return (
    <Boundary key={path}>
      <Suspense fallback={null}>
        <Page />
      </Suspense>
    </Boundary>
  )
}

/** Where one begins: at the feed, and with an installation that knows of nothing but itself at its first steps. */
function Home() {
  const { data, isError } = useQuery(viewerQuery)
  const count = data?.viewer.counts.find(({ kind }) => kind === 'service')?.count
  const to = isError ? '/feed' : count === undefined ? null : count <= 1 ? '/start' : '/feed'
  useEffect(() => {
    if (to) navigate({ to, search: keepShared, replace: true })
  }, [to])
  return null
}

class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown }
  static getDerivedStateFromError(error: unknown) {
    return { error }
  }
  override render() {
    if (this.state.error === null) return this.props.children
    return <RouteError error={this.state.error} reset={() => this.setState({ error: null })} />
  }
}
