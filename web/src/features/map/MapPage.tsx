import { Page } from '@/shell/Page'
import { MAP_FROM } from './params'
import { MapView } from './MapView'

/** `/map` */
export default function MapPage() {
  return (
    <Page title="Map" heading defaultFrom={MAP_FROM}>
      <MapView />
    </Page>
  )
}
