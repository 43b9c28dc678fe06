import type { FollowInput, FollowsQuery } from '@/gql/graphql'

export type Follow = FollowsQuery['follows'][number]

/** What is typed into the form, as it is typed. */
export type Draft = {
  source: string
  channel: string
  about: string
  environments: string
  when: 'stories' | 'quiet' | 'digest'
  from: string
  to: string
  at: string
  zone: string
  incidents: boolean
}

const names = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** What a draft asks for. `team:payments` is a team, `service:pricing` and a bare name a service, any other `key:value` a tag. */
export function inputOf(draft: Draft): FollowInput {
  const about = names(draft.about)
  const of = (kind: string) => about.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1))
  return {
    source: draft.source,
    channel: draft.channel.trim(),
    teams: of('team'),
    services: [...of('service'), ...about.filter((name) => !name.includes(':'))],
    tags: about.filter((name) => name.includes(':') && !/^(team|service):/.test(name)),
    environments: names(draft.environments),
    incidents: draft.incidents,
    quietFrom: draft.when === 'quiet' ? draft.from : '',
    quietTo: draft.when === 'quiet' ? draft.to : '',
    digest: draft.when === 'digest' ? draft.at : '',
    zone: draft.when === 'stories' ? '' : draft.zone,
  }
}

/** What is followed, in words. */
export function whatOf(f: Pick<Follow, 'services' | 'teams' | 'tags' | 'environments'>): string {
  const about = [...f.services, ...f.teams.map((team) => `team ${team}`), ...f.tags].join(', ')
  return f.environments.length > 0 ? `${about} in ${f.environments.join(', ')}` : about
}

/** When it is told, in words. */
export function whenOf(f: Pick<Follow, 'digest' | 'quietFrom' | 'quietTo' | 'zone' | 'kinds' | 'incidents'>): string {
  const zone = f.zone || 'UTC'
  const parts: string[] = []
  if (f.digest) parts.push(`all of a day at ${f.digest} ${zone}`)
  else if (f.quietFrom) parts.push(`each story; from ${f.quietFrom} to ${f.quietTo} ${zone} together afterwards`)
  else parts.push('each story')
  if (f.kinds.length > 0) parts.push(`only ${f.kinds.join(', ')}`)
  if (f.incidents) parts.push('incidents at once')
  return parts.join('; ')
}
