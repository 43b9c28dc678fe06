import { ServiceTabs } from '@/features/entity/ServiceTabs'
import { useParams } from '@/router'
import { Page } from '@/shell/Page'
import { MapView } from './MapView'
import { MAP_FROM } from './params'

/** `/s/checkout-api/deps`: the map around one service. */
export default function ServiceMapPage() {
  const { service = '' } = useParams()
  return (
    <Page title={`${service} dependencies`} heading defaultFrom={MAP_FROM} crumbs={[{ label: 'Services', to: '/services' }]}>
      <ServiceTabs service={service} />
      <MapView service={service} />
    </Page>
  )
}
