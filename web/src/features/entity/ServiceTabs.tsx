import { partTab } from '@/components/tabs'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'

/** What there is of a service beside its profile. */
export function ServiceTabs({ service, dependencies }: { service: string; dependencies?: number }) {
  const to = { params: { service }, search: keepShared, className: partTab }
  return (
    <nav aria-label="Of this service" className="flex flex-none gap-5 border-b border-border px-5 max-sm:px-4">
      <Link to="/s/$service" {...to}>
        Changes
      </Link>
      <Link to="/s/$service/deps" {...to}>
        Dependencies {dependencies !== undefined && <span className="ml-1.5 text-12 font-normal text-text-3">{dependencies}</span>}
      </Link>
    </nav>
  )
}
