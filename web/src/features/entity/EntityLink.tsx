import type { ReactNode } from 'react'
import type { EntityRefFragment } from '@/gql/graphql'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'

/** What an entity is called on the page: people, teams and systems by their title, what runs by its one name. */
export function nameOf(entity: Pick<EntityRefFragment, 'kind' | 'name' | 'title'>): string {
  const titled = entity.kind === 'person' || entity.kind === 'team' || entity.kind === 'system'
  return (titled && entity.title) || entity.name
}

/** The link to the page of an entity: services and teams have short addresses of their own. */
export function EntityLink({ entity, className, children }: { entity: EntityRefFragment; className?: string; children?: ReactNode }) {
  if (entity.kind === 'service') {
    return (
      <Link to="/s/$service" params={{ service: entity.name }} search={keepShared} className={className}>
        {children ?? nameOf(entity)}
      </Link>
    )
  }
  if (entity.kind === 'team') {
    return (
      <Link to="/t/$team" params={{ team: entity.name }} search={keepShared} className={className}>
        {children ?? nameOf(entity)}
      </Link>
    )
  }
  return (
    <Link to="/r/$kind/$name" params={{ kind: entity.kind, name: entity.name }} search={keepShared} className={className}>
      {children ?? nameOf(entity)}
    </Link>
  )
}
