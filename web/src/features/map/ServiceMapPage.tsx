import { Link, useParams } from '@/router'
import { Page } from '@/shell/Page'
import { keepShared } from '@/shell/search'
import { MapView } from './MapView'
import { MAP_FROM } from './params'

/** `/s/checkout-api/deps`: the map around one service. */
export default function ServiceMapPage() {
  const { service = '' } = useParams()
  return (
    <Page title={`${service} dependencies`} heading defaultFrom={MAP_FROM} crumbs={[{ label: 'Services', to: '/services' }]}>
      <nav aria-label="Of this service" className="flex flex-none gap-5 border-b border-border px-5 max-sm:px-4">
        <Link to="/s/$service" params={{ service }} search={keepShared} className="flex h-9 items-center text-text-2 hover:text-text max-sm:h-11">
          Changes
        </Link>
        <Link to="/s/$service/deps" params={{ service }} search={keepShared} className="flex h-9 items-center border-b-2 border-accent font-medium max-sm:h-11">
          Dependencies
        </Link>
      </nav>
      <MapView service={service} />
    </Page>
  )
}
