import { useParams } from '@/router'
import { EntityScreen } from './EntityScreen'

/** `/t/payments` */
export default function TeamRoute() {
  const { team = '' } = useParams()
  return <EntityScreen key={team} kind="team" name={team} crumbs={[{ label: 'Teams', to: '/teams' }]} />
}
