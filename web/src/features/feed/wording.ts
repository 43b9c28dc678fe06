import type { EventLineFragment, EventStepFragment, FeedLineFragment } from '@/gql/graphql'

/**
 * How a row reads: pure, so that it can be tested word by word. What the structure of an event does not tell is left to
 * its title; nothing is guessed.
 */
export type Part =
  | { type: 'text'; text: string }
  | { type: 'code'; text: string }
  | { type: 'fromTo'; from?: string; to: string }
  | { type: 'badge'; text: string; tone: 'plain' | 'warn' | 'outline'; title?: string }
  | { type: 'dark'; cluster: string }

export type Shape =
  | { type: 'meter'; from: number; to: number }
  | { type: 'pods'; from: number; to: number }
  | { type: 'changed'; field: string; old: string; now: string; more: number }
  | { type: 'plan'; added: number; changed: number; destroyed: number }
  | { type: 'subjects'; names: string[]; more: number }

export type StepState = 'done' | 'running' | 'live' | 'waiting' | 'failed'
export type Step = { id: string; label: string; state: StepState; at: number | null }

export type Tone = 'plain' | 'running' | 'warn' | 'crit'

export type Line = {
  tone: Tone
  icon: string | undefined
  kindTitle: string
  /** "9 services", where the row is about several things. */
  group: string | null
  subject: FeedLineFragment['subjects'][number] | null
  parts: Part[]
  /** What the actor said or meant, and how large it was. */
  said: { text: string; quoted: boolean } | null
  facts: string[]
  added: number | null
  removed: number | null
  shape: Shape | null
  steps: Step[]
  /** More than a minute between happening and arriving, in milliseconds; negative when the source's clock is ahead. */
  late: number | null
}

export type KindTable = ReadonlyMap<string, { icon: string; verb: string; title: string }>

const LATE = 60_000

export function describe(row: FeedLineFragment, kinds: KindTable, own?: string): Line {
  const { event } = row
  const kind = kinds.get(event.kind)
  const label = labelsOf(event)
  const steps = row.shape === 'story' ? stepsOf(row) : []
  const storm = row.shape === 'storm'
  const several = row.subjectCount > 1
  const subject = several || row.subjects.length === 0 ? null : row.subjects[0]!
  const shown = subject?.ref === own && own ? null : subject
  const wording = storm ? stormWording(row, kind?.verb ?? 'changed') : eventWording(event, kind?.verb, label, row.shape === 'event')

  const parts = [...wording.parts, ...phaseBadge(event, wording.parts)]
  if (row.dark) parts.push({ type: 'dark', cluster: event.cluster })
  if (shown && !shown.claimed) parts.push({ type: 'badge', text: 'unclaimed', tone: 'outline', title: 'No entity answers to this name yet' })
  const group = several ? groupName(row) : null
  if (!group && !shown && !wording.title) capitalise(parts)

  return {
    tone: toneOf(event, label),
    icon: kind?.icon,
    kindTitle: kind?.title ?? event.kind,
    group,
    subject: shown,
    parts,
    said: wording.said ?? null,
    // A source folds what happens again and again; its title says so.
    facts: [...(label('times') && !wording.title ? [`${label('times')} times`] : []), ...(wording.facts ?? [])],
    added: number(label('additions')),
    removed: number(label('deletions')),
    shape: storm || several ? subjectsShape(row) : (wording.shape ?? null),
    steps,
    late: lateness(event),
  }
}

/** `title` is true where the words are the sender's own, and stay as they were written. */
type Wording = { title?: boolean; parts: Part[]; said?: { text: string; quoted: boolean } | null; facts?: string[]; shape?: Shape | null }
type Labels = (key: string) => string | undefined

function labelsOf(event: { labels: { key: string; value: string }[] }): Labels {
  return (key) => event.labels.find((label) => label.key.toLowerCase() === key)?.value
}

const text = (words: string): Part => ({ type: 'text', text: words })

function eventWording(event: EventLineFragment, verb: string | undefined, label: Labels, alone: boolean): Wording {
  const detail = firstLine(event.detail)
  const quoted = detail ? { text: detail, quoted: true } : null
  const plain = detail ? { text: detail, quoted: false } : null
  const first = event.diff[0]
  const commits = number(label('commits'))
  const facts = commits ? [commits === 1 ? '1 commit' : `${commits} commits`] : []

  switch (event.kind) {
    case 'deploy':
    case 'rollback':
      if (!event.version) break
      return {
        parts: [text(verbOf(event.kind, event.phase)), { type: 'fromTo', from: event.previous || undefined, to: event.version }],
        said: quoted,
        facts,
      }
    case 'flag':
    case 'experiment': {
      if (!first || event.diff.length > 3) break
      const lead = event.kind === 'experiment' ? [text('experiment')] : []
      const to = first.new || 'removed'
      const share = [percent(first.old), percent(first.new) ?? event.exposure]
      return {
        parts: [...lead, { type: 'code', text: first.field }, first.old ? { type: 'fromTo', from: first.old, to } : { type: 'fromTo', to }],
        said: plain,
        shape: typeof share[1] === 'number' ? { type: 'meter', from: share[0] ?? 0, to: share[1] } : null,
      }
    }
    case 'scaling': {
      const scale = event.diff.find((d) => number(d.old) !== null && number(d.new) !== null)
      if (!scale) break
      const unit = /^(replicas|pods|instances?|desired\S*)$/i.test(scale.field) ? unitOf(scale.field) : scale.field
      return {
        parts: [text('scaled'), { type: 'fromTo', from: scale.old, to: scale.new }, text(unit)],
        said: plain,
        shape: { type: 'pods', from: number(scale.old)!, to: number(scale.new)! },
      }
    }
    case 'config':
      if (!first) break
      return {
        parts: [text('config changed')],
        said: plain,
        facts: label('file') ? [label('file')!] : [],
        shape: { type: 'changed', field: first.field, old: first.old, now: first.new, more: event.diff.length - 1 },
      }
    case 'secret':
      if (!first) break
      return {
        parts: [text('secret'), { type: 'code', text: first.field }, text(first.old ? (first.new ? 'rotated' : 'removed') : 'added')],
        said: plain,
        facts: event.diff.length > 1 ? [`and ${event.diff.length - 1} more`, 'values hidden'] : ['value hidden'],
      }
    case 'schema':
      if (!event.version) break
      return {
        parts: [text(event.phase === 'started' ? 'migrating' : 'migrated'), { type: 'fromTo', from: event.previous || undefined, to: event.version }],
        // What a migration does is in its title as a rule, and the version says nothing of it.
        said: event.title.includes(event.version) ? plain : { text: ownTitle(event), quoted: false },
      }
    case 'merge': {
      const title = mergeTitle(event.title)
      const n = label('number') ?? title.number
      if (!n) break
      return {
        parts: [text(`merged #${n}${alone ? ', not built yet' : ''}`)],
        said: detail || title.rest ? { text: detail || title.rest, quoted: true } : null,
        facts,
      }
    }
    case 'infrastructure':
    case 'drill':
    case 'alert':
    case 'incident':
    case 'slo':
    case 'note':
    case 'traffic':
    case 'cost':
    case 'oncall':
    case 'catalog':
      break
    default:
      if (event.version && verb) {
        return { parts: [text(verb), { type: 'fromTo', from: event.previous || undefined, to: event.version }], said: quoted, facts }
      }
  }
  const own = ownTitle(event)
  return { title: own === event.title, parts: [text(own)], said: plain, facts: signalFacts(event, label), shape: planOf(label) }
}

const VERBS: Record<string, Record<string, string>> = {
  deploy: { planned: 'deploy planned', started: 'rolling out', succeeded: 'deployed', failed: 'deploy failed', cancelled: 'deploy cancelled' },
  rollback: {
    planned: 'rollback planned',
    started: 'rolling back',
    succeeded: 'rolled back',
    failed: 'rollback failed',
    cancelled: 'rollback cancelled',
  },
}

function verbOf(kind: string, phase: string): string {
  return VERBS[kind]?.[phase] ?? kind
}

function stormWording(row: FeedLineFragment, verb: string): Wording {
  const parts = [text(verb === 'fired' || row.subjectCount === 1 ? `${verb} ${row.count} times` : verb)]
  const seen = [row.event, ...row.events]
  const moves = seen.map((e) => e.diff.find((d) => number(d.old) !== null && number(d.new) !== null)).filter((d) => d !== undefined)
  if (row.event.kind === 'scaling' && moves.length === seen.length) {
    const ups = moves.filter((d) => number(d.new)! > number(d.old)!).length
    if (ups === 0 || ups === moves.length) parts[0] = text(ups ? 'scaled up' : 'scaled down')
  }
  const oldest = row.events.at(-1)
  const span = oldest ? Math.round(Math.abs(Date.parse(row.event.startedAt) - Date.parse(oldest.startedAt)) / 60_000) : 0
  // Only the newest twenty are known: the length of a longer storm is not.
  const length = row.count - 1 === row.events.length && span ? ` in ${span} min` : ''
  const detail = firstLine(row.event.detail)
  return {
    parts: row.event.kind === 'alert' && row.subjectCount === 1 ? [text(ownTitle(row.event))] : parts,
    said: detail ? { text: detail, quoted: false } : null,
    facts: [`${row.count.toLocaleString('en')} events${length}`],
  }
}

/** The steps of a story in the order of time, at most the last five. */
export function stepsOf(row: FeedLineFragment): Step[] {
  const all = [...row.events, row.event].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
  const lastLive = all.findLast((e) => e.kind === 'deploy' && e.phase === 'succeeded' && (e.exposure ?? 100) >= 100)
  return all.slice(-5).map((e) => ({
    id: e.id,
    label: stepLabel(e) + (e.environment && e.environment !== row.event.environment ? ` in ${e.environment}` : ''),
    state: e === lastLive ? 'live' : stepState(e.phase),
    at: Date.parse(e.startedAt),
  }))
}

function stepState(phase: string): StepState {
  if (phase === 'started') return 'running'
  if (phase === 'planned') return 'waiting'
  if (phase === 'failed' || phase === 'cancelled') return 'failed'
  return 'done'
}

function stepLabel(event: EventStepFragment): string {
  const n = labelsOf(event)('number') ?? mergeTitle(event.title).number
  const outcome = event.phase === 'failed' ? ' failed' : event.phase === 'cancelled' ? ' cancelled' : ''
  switch (event.kind) {
    case 'merge':
      return n ? `Merged #${n}` : 'Merged'
    case 'build':
      return outcome ? `Build${outcome}` : event.phase === 'started' ? 'Building' : 'Built'
    case 'release':
      return event.version ? `Released ${event.version}` : 'Released'
    case 'deploy': {
      const share = event.exposure
      if (share !== null && share < 100) return `Canary ${share} %${outcome}`
      if (outcome) return `Deploy${outcome}`
      if (event.phase === 'planned') return 'Deploy'
      if (event.phase === 'started') return share === 100 ? 'Rolling out 100 %' : 'Rolling out'
      return share === 100 ? 'Live 100 %' : 'Live'
    }
    case 'rollback':
      return `Rolled back${outcome}`
    default:
      return event.title.length > 28 ? `${event.title.slice(0, 27)}…` : event.title
  }
}

/** One line for an event inside an opened story or storm. */
export function stepTitle(event: EventStepFragment): string {
  return event.title
}

function groupName(row: FeedLineFragment): string {
  const kinds = new Set(row.subjects.map((s) => s.kind))
  const noun = kinds.size === 1 && row.subjects[0]!.kind ? `${row.subjects[0]!.kind}s` : 'subjects'
  return `${row.subjectCount.toLocaleString('en')} ${noun === 'persons' ? 'people' : noun}`
}

function subjectsShape(row: FeedLineFragment): Shape | null {
  if (row.subjectCount < 2) return null
  const shown = row.subjects.slice(0, row.subjectCount > 3 ? 2 : 3)
  return { type: 'subjects', names: shown.map((s) => s.name), more: row.subjectCount - shown.length }
}

function toneOf(event: EventLineFragment, label: Labels): Tone {
  const over = event.endedAt !== null && event.phase === 'succeeded' && Date.parse(event.endedAt) > Date.parse(event.startedAt)
  if (event.kind === 'incident') return over ? 'plain' : 'crit'
  if (event.class === 'signal') return over ? 'plain' : paged(label) ? 'crit' : 'warn'
  if (event.phase === 'failed') return 'warn'
  if (event.kind === 'rollback') return 'warn'
  if (event.kind === 'infrastructure' && (planOf(label)?.destroyed ?? 0) > 0) return 'warn'
  return event.phase === 'started' ? 'running' : 'plain'
}

function paged(label: Labels): boolean {
  return (
    !!label('paged') ||
    /^(critical|page|p1|sev-?[01]|high)$/i.test(label('severity') ?? label('urgency') ?? '')
  )
}

function signalFacts(event: EventLineFragment, label: Labels): string[] {
  const who = label('paged')
  // A sentence that says it already is not said again.
  return event.class === 'signal' && who && !/\bpaged\b/i.test(firstLine(event.detail)) ? [/^(true|yes|1)$/i.test(who) ? 'paged' : `paged ${who}`] : []
}

function phaseBadge(event: EventLineFragment, parts: Part[]): Part[] {
  const said = parts.map((p) => (p.type === 'text' ? p.text : '')).join(' ')
  switch (event.phase) {
    case 'failed':
      return /fail/i.test(said) ? [] : [{ type: 'badge', text: 'failed', tone: 'warn' }]
    case 'cancelled':
      return /cancel/i.test(said) ? [] : [{ type: 'badge', text: 'cancelled', tone: 'plain' }]
    case 'planned':
      return /plan/i.test(said) ? [] : [{ type: 'badge', text: 'planned', tone: 'outline' }]
  }
  if (event.class === 'signal' && event.endedAt && Date.parse(event.endedAt) > Date.parse(event.startedAt)) {
    return /resolved/i.test(said) ? [] : [{ type: 'badge', text: 'resolved', tone: 'plain' }]
  }
  return []
}

function planOf(label: Labels): Extract<Shape, { type: 'plan' }> | null {
  const [added, changed, destroyed] = ['added', 'changed', 'destroyed'].map((key) => number(label(key)))
  if (added == null && changed == null && destroyed == null) return null
  return { type: 'plan', added: added ?? 0, changed: changed ?? 0, destroyed: destroyed ?? 0 }
}

/**
 * The title without the name of the subject, in front or after the verb: the row says it already. "cart crashes" reads
 * "crashes", and "Exposed cart at shop.example.com" reads "exposed at shop.example.com".
 */
function ownTitle(event: EventLineFragment): string {
  const name = event.subjects.length === 1 ? event.subjects[0]!.name : ''
  if (!name) return event.title
  const start = event.title.toLowerCase().indexOf(name.toLowerCase())
  if (start === 0 || (start > 0 && /^[a-z]+:$/.test(event.title.slice(0, start)))) {
    const [, colon, rest] = event.title.slice(start + name.length).match(/^\s*([:,–—-])?\s+(\S.*)$/) ?? []
    if (rest) return event.kind === 'catalog' && colon ? `edited: ${rest}` : rest
    return event.title
  }
  const words = event.title.split(' ')
  const at = words.findIndex((word) => word.replace(/:$/, '') === name)
  if (at < 1 || at > 2 || at === words.length - 1 || !/^[A-Z][a-z]+ed$/.test(words[0]!)) return event.title
  const rest = [...words.slice(0, at), ...words.slice(at + 1)].join(' ')
  return rest.charAt(0).toLowerCase() + rest.slice(1)
}

function mergeTitle(title: string): { number?: string; rest: string } {
  const match = /#(\d+)\W*(.*)$/.exec(title)
  return match ? { number: match[1], rest: match[2]!.trim() } : { rest: title }
}

/** The first line of a Markdown text, without its marks. */
export function firstLine(markdown: string): string {
  const line = markdown.split('\n').find((l) => l.trim() !== '') ?? ''
  return line
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*(#+|[-*>]|\d+\.)\s+/, '')
    .replace(/(\*\*|__|`)/g, '')
    .trim()
    .slice(0, 200)
}

function lateness(event: EventLineFragment): number | null {
  // Something that lasts is told when it ends as well: only what was told once can be late.
  const happened = Math.max(Date.parse(event.startedAt), event.endedAt ? Date.parse(event.endedAt) : 0)
  const late = Date.parse(event.receivedAt) - happened
  return Math.abs(late) > LATE ? late : null
}

function unitOf(field: string): string {
  return /^instance/i.test(field) ? 'instances' : 'pods'
}

function percent(value: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim())
  return match ? Number(match[1]) : null
}

function number(value: string | undefined): number | null {
  if (!value || !/^\s*\d+(\.\d+)?\s*$/.test(value)) return null
  return Number(value)
}

function capitalise(parts: Part[]) {
  const first = parts[0]
  if (first?.type === 'text') parts[0] = text(first.text.charAt(0).toUpperCase() + first.text.slice(1))
}
