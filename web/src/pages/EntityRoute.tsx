import { useParams } from '@/router'
import type { Crumb } from '@/shell/Page'
import { EntityScreen } from './EntityScreen'

/** `/r/team/payments` */
export default function EntityRoute() {
  const { kind = '', name = '' } = useParams()
  const parent: Crumb = kind === 'team' || kind === 'person' ? { label: 'Teams', to: '/teams' } : { label: 'Services', to: '/services' }
  return <EntityScreen key={`${kind}:${name}`} kind={kind} name={name} crumbs={[parent]} />
}
