import type { EventLineFragment, SuspectLineFragment } from '@/gql/graphql'

/** What the board draws: one lane a service, with the suspects' marks on it and the alerts as bands. Pure, and tested. */
export type Mark = { rank: number; at: number; kind: string; event: EventLineFragment }
export type Band = { from: number; to: number; critical: boolean; title: string; id: string }
export type Lane = { name: string; place: string; marks: Mark[]; bands: Band[] }

/** More lanes than these are not read at three in the morning: the list beside the board has all. */
const MOST = 8
const IN_TROUBLE = 'in trouble'

type Input = {
  services: readonly string[]
  suspects: readonly SuspectLineFragment[]
  signals: readonly EventLineFragment[]
  now: number
}

/** The services in trouble first, then who has a suspect or an alert, the nearest first. */
export function lanesOf({ services, suspects, signals, now }: Input): Lane[] {
  const lanes = new Map<string, Lane & { order: number }>()
  const laneOf = (name: string, place: string, order: number) => {
    const found = lanes.get(name)
    if (found) {
      if (order < found.order) Object.assign(found, { order, place })
      return found
    }
    const lane = { name, place, order, marks: [], bands: [] }
    lanes.set(name, lane)
    return lane
  }
  for (const name of services) laneOf(name, IN_TROUBLE, 0)
  for (const suspect of suspects) {
    const name = suspect.path.at(-1) ?? suspect.event.subjects[0]?.name
    if (!name) continue
    const steps = Math.max(0, suspect.path.length - 1)
    laneOf(name, placeOf(suspect.direction, steps), services.includes(name) ? 0 : steps || 9).marks.push({
      rank: suspect.rank,
      at: Date.parse(suspect.event.startedAt),
      kind: suspect.event.kind,
      event: suspect.event,
    })
  }
  for (const signal of signals) {
    for (const subject of signal.subjects) {
      if (!subject.claimed) continue
      laneOf(subject.name, 'nearby', 8).bands.push({
        id: signal.id,
        from: Date.parse(signal.startedAt),
        to: signal.endedAt ? Date.parse(signal.endedAt) : signal.phase === 'started' ? now : Date.parse(signal.startedAt) + 60_000,
        critical: signal.kind === 'incident' || signal.labels.some((l) => l.key === 'severity' && /crit|page|high|sev-?[12]/i.test(l.value)),
        title: signal.title,
      })
    }
  }
  return [...lanes.values()]
    .sort((a, b) => a.order - b.order || rankOf(a) - rankOf(b) || a.name.localeCompare(b.name))
    .map(({ name, place, marks, bands }) => ({ name, place, marks, bands }))
}

/** The lanes that have something to show in a window, and those in trouble whether or not; how many are left out is told. */
export function lanesWithin(lanes: readonly Lane[], start: number, end: number): { shown: Lane[]; hidden: number } {
  const within = lanes.filter(
    ({ place, marks, bands }) => place === IN_TROUBLE || marks.some(({ at }) => at >= start) || bands.some((band) => band.to > start && band.from < end),
  )
  const shown = within.slice(0, MOST)
  return { shown, hidden: lanes.length - shown.length }
}

const rankOf = (lane: Lane) => Math.min(99, ...lane.marks.map((mark) => mark.rank))

/** Where a service stands to the one in trouble: "1 hop down", "calls it". */
export function placeOf(direction: string, steps: number): string {
  const hops = steps === 1 ? '1 hop' : `${steps} hops`
  switch (direction) {
    case 'self':
      return IN_TROUBLE
    case 'down':
      return `${hops} down`
    case 'up':
      return steps === 1 ? 'calls it' : `${hops} up`
    case 'shared':
      return 'shares a resource'
    default:
      return 'beneath it'
  }
}

/** How many of the five strokes of a suspect are filled. */
export function strokesOf(probability: number): number {
  return Math.max(1, Math.min(5, Math.ceil(probability * 5 - 0.25)))
}

/** "12 min before", "after it began" */
export function beforeWords(seconds: number): string {
  if (seconds < 0) return `${lengthOf(-seconds)} after`
  return `${lengthOf(seconds)} before`
}

function lengthOf(seconds: number): string {
  if (seconds < 90) return `${seconds} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86400)} d`
}
