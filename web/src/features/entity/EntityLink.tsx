import type { ReactNode } from 'react'
import type { EntityRefFragment } from '@/gql/graphql'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'

/** A name for people, where an entity has one. */
export function nameOf(entity: Pick<EntityRefFragment, 'name' | 'title'>): string {
  return entity.title || entity.name
}

/** The link to the page of an entity: services have a short address of their own. */
export function EntityLink({ entity, className, children }: { entity: EntityRefFragment; className?: string; children?: ReactNode }) {
  if (entity.kind === 'service') {
    return (
      <Link to="/s/$service" params={{ service: entity.name }} search={keepShared} className={className}>
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
