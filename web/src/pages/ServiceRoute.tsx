import { useParams } from '@/router'
import { EntityScreen } from './EntityScreen'

/** `/s/checkout-api` */
export default function ServiceRoute() {
  const { service = '' } = useParams()
  return <EntityScreen key={service} kind="service" name={service} crumbs={[{ label: 'Services', to: '/services' }]} />
}
