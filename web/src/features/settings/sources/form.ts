import type { FieldFormFragment } from '@/gql/graphql'

export type Field = FieldFormFragment
export type Pair = [name: string, gives: string]
/** What is typed into a field: a text, a mark, or lines of pairs. */
export type Typed = string | boolean | Pair[]
export type Values = Record<string, Typed>

/** A secret of several lines, such as a private key: a field of one line would take its line breaks away. */
export const manyLines = (field: Field) => field.type === 'secret' && field.example.startsWith('-----')

/** The values of a form, of settings as the server has them. */
export function fromSettings(fields: readonly Field[], settings: unknown): Values {
  const values: Values = {}
  for (const { name, type } of fields) {
    if (type === 'secret') continue
    let at: unknown = settings
    for (const part of name.split('.')) at = at && typeof at === 'object' ? (at as Record<string, unknown>)[part] : undefined
    values[name] =
      type === 'switch' ? at === true : type === 'map' ? Object.entries((at ?? {}) as Record<string, unknown>).map(([k, v]) => [k, String(v)]) : Array.isArray(at) ? at.join('\n') : at === undefined || at === null ? '' : String(at)
  }
  return values
}

/** Settings as the server takes them: what is empty is left out. */
export function toSettings(fields: readonly Field[], values: Values): Record<string, unknown> {
  const settings: Record<string, unknown> = {}
  for (const { name, type } of fields) {
    const value = values[name]
    const set = type === 'secret' ? undefined : read(type, value)
    if (set === undefined) continue
    const parts = name.split('.')
    let at = settings
    for (const part of parts.slice(0, -1)) at = (at[part] ??= {}) as Record<string, unknown>
    at[parts.at(-1)!] = set
  }
  return settings
}

function read(type: string, value: Typed | undefined): unknown {
  if (typeof value === 'boolean') return value || undefined
  if (Array.isArray(value)) {
    const kept = value.filter(([name]) => name.trim() !== '')
    return kept.length > 0 ? Object.fromEntries(kept.map(([name, gives]) => [name.trim(), gives.trim()])) : undefined
  }
  const text = (value ?? '').trim()
  if (text === '') return undefined
  if (type === 'list') return text.split('\n').map((line) => line.trim()).filter(Boolean)
  if (type === 'number' && /^\d+$/.test(text)) return Number(text)
  return text
}

export type Fault = { pointer: string; detail: string }

/** What the server found wrong, by the field that it is about; what belongs to none is under the empty name. */
export function byField(fields: readonly { name: string }[], faults: readonly Fault[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { pointer, detail } of faults) {
    const path = pointer.replace(/^\//, '').replace(/^secrets\//, '').replaceAll('/', '.')
    const field = fields
      .map((f) => f.name)
      .filter((name) => path === name || path.startsWith(`${name}.`))
      .sort((a, b) => b.length - a.length)[0]
    const rest = field && path.length > field.length ? `${path.slice(field.length + 1)}: ` : field ? '' : path ? `${path}: ` : ''
    ;(found[field ?? ''] ??= []).push(rest + detail)
  }
  return found
}

/** A name for a new source of a type that no other has: github, github-2. */
export function freshName(type: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? type : `${type}-${n}`
    if (!taken.includes(name)) return name
  }
}
