import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { NotFound } from './shell/NotFound'
import { RouteError } from './shell/RouteError'
import { Shell } from './shell/Shell'
import { keepShared } from './shell/search'
import { parseSearch, type Search, stringifySearch } from './url/search'

const root = createRootRoute({
  component: Shell,
  validateSearch: (search: Record<string, unknown>): Search => search as Search,
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/feed', search: keepShared(search), replace: true })
  },
})

const feed = createRoute({
  getParentRoute: () => root,
  path: '/feed',
  component: lazyRouteComponent(() => import('./features/feed/FeedPage')),
})

const services = createRoute({
  getParentRoute: () => root,
  path: '/services',
  component: lazyRouteComponent(() => import('./features/catalog/ServicesPage')),
})

const teams = createRoute({
  getParentRoute: () => root,
  path: '/teams',
  component: lazyRouteComponent(() => import('./features/entity/TeamsPage')),
})

const unclaimed = createRoute({
  getParentRoute: () => root,
  path: '/unclaimed',
  component: lazyRouteComponent(() => import('./features/unclaimed/UnclaimedPage')),
})

const service = createRoute({
  getParentRoute: () => root,
  path: '/s/$service',
  component: lazyRouteComponent(() => import('./pages/ServiceRoute')),
})

const entity = createRoute({
  getParentRoute: () => root,
  path: '/r/$kind/$name',
  component: lazyRouteComponent(() => import('./pages/EntityRoute')),
})

const event = createRoute({
  getParentRoute: () => root,
  path: '/e/$event',
  component: lazyRouteComponent(() => import('./features/feed/EventPage')),
})

const routeTree = root.addChildren([home, feed, services, teams, unclaimed, service, entity, event])

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: RouteError,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
