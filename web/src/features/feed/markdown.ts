import type { FeedLineFragment } from '@/gql/graphql'
import { MINUTE, clockSeconds, dayKey, offsetMinutes } from '@/time/format'
import { describe, type KindTable, type Part } from './wording'

/** An instant that nobody can misread, wherever it is pasted: "2026-06-11 02:55:12 +02:00 (00:55:12Z)". */
export function both(ms: number, zone: string): string {
  const local = `${dayKey(ms, zone)} ${clockSeconds(ms, zone)}`
  const offset = offsetMinutes(ms, zone)
  if (offset === 0) return `${local}Z`
  const all = Math.abs(offset)
  const two = (n: number) => String(n).padStart(2, '0')
  // Where UTC has another day it says so.
  const utc = dayKey(ms, 'UTC') === dayKey(ms, zone) ? '' : `${dayKey(ms, 'UTC')} `
  return `${local} ${offset < 0 ? '-' : '+'}${two(Math.floor(all / 60))}:${two(all % 60)} (${utc}${clockSeconds(ms, 'UTC')}Z)`
}

/** Somebody else's text as text: nothing in it is Markdown, a mention, or a line of its own. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>#|~!]/g, '\\$&')
    .replace(/@(?=\w)/g, '@\u2060')
}

function part(one: Part): string {
  switch (one.type) {
    case 'text':
      return plain(one.text)
    case 'code':
      return code(one.text)
    case 'fromTo':
      return one.from ? `${code(one.from)} → ${code(one.to)}` : code(one.to)
    case 'badge':
      return `(${plain(one.text)})`
    case 'dark':
      return '(dark: seen, told by nobody)'
  }
}

const code = (text: string) => `\`${text.replace(/\s+/g, ' ').replaceAll('`', 'ˋ')}\``

/** A line of the feed as an item of a list. */
export function item(row: FeedLineFragment, kinds: KindTable, zone: string, origin: string): string {
  const line = describe(row, kinds)
  const { event } = row
  const names = row.subjects.map((subject) => subject.name)
  const about = row.subjectCount > 1 ? `${names.join(', ')}${row.subjectCount > names.length ? ` and ${row.subjectCount - names.length} more` : ''}` : (names[0] ?? '')
  const who = event.actor.name ? `${plain(event.actor.person?.title || event.actor.name)}${event.actor.via ? ` via ${plain(event.actor.via)}` : ''}` : 'unknown'
  const facts = [
    `by ${who}`,
    event.environment && `in ${plain(event.environment)}`,
    row.count > 1 && `${row.count} events`,
    line.late !== null && line.late > MINUTE && `arrived ${Math.round(line.late / MINUTE)} min late`,
    line.said && (line.said.quoted ? `“${plain(line.said.text)}”` : plain(line.said.text)),
  ].filter(Boolean)
  const words = line.parts.map(part).join(' ')
  return `- ${both(Date.parse(event.startedAt), zone)}: ${about ? `**${plain(about)}** ` : ''}${words}, ${facts.join(', ')} ([${plain(line.kindTitle)}](${origin}/e/${event.id}))`
}

type Range = { title: string; since: number; until: number; link: string; zone: string; origin: string; /** Whether there is more than was read. */ more: boolean }

/** A range of the feed, newest first, to be pasted into a ticket, a review or a chat. */
export function markdown(rows: readonly FeedLineFragment[], kinds: KindTable, { title, since, until, link, zone, origin, more }: Range): string {
  const count = `${rows.length.toLocaleString('en')} ${rows.length === 1 ? 'change' : 'changes'}${more ? ', and more before them' : ''}`
  return `${[`## ${plain(title)}`, '', `${both(since, zone)} to ${both(until, zone)}, newest first: ${count}. [Open](${link})`, '', ...rows.map((row) => item(row, kinds, zone, origin))].join('\n')}\n`
}
