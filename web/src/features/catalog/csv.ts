import type { CatalogExportQuery } from '@/gql/graphql'
import { onDuty, tagWords } from './wording'

type Row = CatalogExportQuery['entities']['nodes'][number]

export const HEADER = [
  'service',
  'title',
  'description',
  'tier',
  'lifecycle',
  'language',
  'platform',
  'team',
  'on call',
  'tags',
  'last change',
  'last change kind',
  'last change at',
] as const

/** A service as a line of the table. */
export function cells(row: Row): (string | number)[] {
  return [
    row.name,
    row.title ?? '',
    row.description,
    row.tier ?? '',
    row.lifecycle ?? '',
    row.language ?? '',
    row.platform ?? '',
    row.owner ? row.owner.title || row.owner.name : '',
    onDuty(row.onCall) ?? '',
    row.tags.map(tagWords).join(' '),
    row.lastEvent?.title ?? '',
    row.lastEvent?.kind ?? '',
    row.lastEvent?.startedAt ?? '',
  ]
}

/** RFC 4180, with a mark in front so that spreadsheets read it as UTF-8. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return `\uFEFF${[HEADER, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/**
 * A spreadsheet takes text that begins so for a formula, and runs it: an apostrophe in front keeps it text.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/

export function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}
