/**
 * The URL is the state of the page. A search string is a flat map of strings; a key that means a list holds its values
 * with commas between, and a comma inside a value is written `\,`. Unknown keys are kept as they are.
 */
export type Search = Record<string, string | undefined>

const PLAIN = /%(2C|3A|2F|40|2B|7E)/g

/** Spells a query string as people would: only what must be escaped is. */
export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search)
    .filter(([, v]) => v !== undefined && v !== null && v !== '')
    .map(([k, v]) => `${encode(k)}=${encode(String(v))}`)
  return pairs.length ? `?${pairs.join('&')}` : ''
}

function encode(text: string): string {
  // A plus sign means a space in a query string, so it alone of the readable ones stays escaped.
  return encodeURIComponent(text).replace(PLAIN, (code) => (code === '%2B' ? code : decodeURIComponent(code)))
}

/** Reads a query string; a key given more than once is a list. */
export function parseSearch(text: string): Search {
  const search: Search = {}
  for (const [key, value] of new URLSearchParams(text)) {
    search[key] = key in search ? `${search[key]},${value}` : value
  }
  return search
}

export function splitList(text: string | undefined): string[] {
  if (!text) return []
  const values: string[] = []
  let value = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '\\' && i + 1 < text.length) value += text[++i]
    else if (c === ',') {
      values.push(value)
      value = ''
    } else value += c
  }
  values.push(value)
  return [...new Set(values.map((v) => v.trim()).filter(Boolean))]
}

export function joinList(values: readonly string[]): string | undefined {
  return values.length ? values.map((v) => v.replace(/[\\,]/g, '\\$&')).join(',') : undefined
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

/** The length of a relative bound such as `-24h`, in milliseconds; null when it is not one. */
export function relativeLength(bound: string | undefined): number | null {
  const match = /^-(\d{1,5})([mhdw])$/.exec(bound ?? '')
  return match ? Number(match[1]) * UNITS[match[2]!]! : null
}

/** The instant that a bound names: relative to now, or absolute; null when it is neither. */
export function instant(bound: string | undefined, now: number): number | null {
  const length = relativeLength(bound)
  if (length !== null) return now - length
  const at = Date.parse(bound ?? '')
  return Number.isNaN(at) ? null : at
}

/** A link that says the same tomorrow: relative bounds become absolute, and the reader sees the writer's zone. */
export function freeze(search: Search, now: number, zone: string, defaultFrom?: string): Search {
  const from = search.from ?? defaultFrom
  const frozen: Search = { ...search, tz: zone }
  if (relativeLength(from) !== null) {
    frozen.from = iso(instant(from, now)!)
    if (!frozen.to) frozen.to = iso(now)
  }
  if (relativeLength(search.to) !== null) frozen.to = iso(instant(search.to, now)!)
  return frozen
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
