import { UserX } from 'lucide-react'
import { memo } from 'react'
import { Avatar } from '@/components/Avatar'
import { Badge, Tag } from '@/components/Badge'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { stateOf, StatusGlyph } from '@/components/shapes'
import { Age, TimeTip } from '@/components/Time'
import type { CatalogLineFragment } from '@/gql/graphql'
import { Link, navigate } from '@/router'
import { kindIcon } from '@/shell/kindIcon'
import { keepShared } from '@/shell/search'
import type { KindInfo } from '@/shell/viewer'
import type { Column } from './columns'
import { changeWords, onDuty, spelled, tagsThatFit, tagWords } from './wording'

export type RowProps = {
  row: CatalogLineFragment
  index: number
  /** Whether Tab comes to this row: one of the list does. */
  current: boolean
  kinds: ReadonlyMap<string, KindInfo>
}

type TableRowProps = RowProps & { columns: readonly Column[]; /** In pixels. */ height: number }

/** The whole row opens; what is a control in it keeps its own meaning, and so does marked text. */
function openRow(event: React.MouseEvent, name: string) {
  if (event.target instanceof Element && event.target.closest('a, button')) return
  if (getSelection()?.toString()) return
  navigate({ to: '/s/$service', params: { service: name }, search: keepShared })
}

const selected = 'group hover:bg-hover has-[:focus-visible]:bg-selected has-[:focus-visible]:hover:bg-selected'
const mark = 'group-has-[:focus-visible]:shadow-[inset_2px_0_var(--accent)]'

function nameLink({ row, current, className }: { row: CatalogLineFragment; current: boolean; className: string }) {
  return (
    <Link
      to="/s/$service"
      params={{ service: row.name }}
      search={keepShared}
      tabIndex={current ? 0 : -1}
      data-open={row.ref}
      title={[row.title ?? '', row.description].filter(Boolean).join('\n') || undefined}
      className={className}
    >
      {row.name}
    </Link>
  )
}

const cell = 'overflow-hidden border-b border-border px-2 text-ellipsis whitespace-nowrap text-text-2'

/** A service as a line of the table. */
export const TableRow = memo(function TableRow({ row, index, current, kinds, columns, height }: TableRowProps) {
  return (
    <tr
      aria-rowindex={index + 2}
      data-row={row.ref}
      onClick={(event) => openRow(event, row.name)}
      style={{ height }}
      className={cx('cursor-default scroll-mt-[31px]', selected)}
    >
      <th scope="row" className={cx(cell, mark, 'pl-4 text-left font-normal')}>
        <span className="flex items-center gap-[9px]">
          <State row={row} />
          {nameLink({ row, current, className: 'line-clamp-2 max-w-[calc(100%-23px)] flex-none py-[4.5px] leading-[15px] font-semibold break-words whitespace-normal text-text hover:underline' })}
          {row.language && !columns.includes('language') && <Language name={spelled(row.language)} />}
          {!columns.includes('lifecycle') && <Lifecycle row={row} />}
        </span>
      </th>
      {columns.map((column) => (
        <td key={column} className={cx(cell, 'last:pr-4')} title={titleOf(column, row)}>
          <Fact column={column} row={row} current={current} kinds={kinds} />
        </td>
      ))}
    </tr>
  )
})

/** What a cell says in full, where it may be cut short. */
function titleOf(column: Column, row: CatalogLineFragment): string | undefined {
  switch (column) {
    case 'team':
      return teamOf(row) ?? undefined
    case 'duty':
      return dutyList(row)
    case 'tags':
      return tagsThatFit(row.tags, TAG_LETTERS).more > 0 ? row.tags.map(tagWords).join('\n') : undefined
    case 'description':
      return row.description || undefined
    case 'system':
      return systemsOf(row) || undefined
    default:
      return undefined
  }
}

const TAG_LETTERS = 25
const systemsOf = ({ partOf }: CatalogLineFragment) => partOf.map((system) => system.title || system.name).join(', ')

function Fact({ column, row, current, kinds }: { column: Column } & Pick<RowProps, 'row' | 'current' | 'kinds'>) {
  switch (column) {
    case 'tier':
      return row.tier ?? <Missing>Not known</Missing>
    case 'team':
      return teamOf(row) ?? <Nobody what="Nobody" />
    case 'duty':
      return <Duty row={row} />
    case 'change':
      return <LastChange row={row} current={current} kinds={kinds} />
    case 'tags':
      return <Tags row={row} />
    case 'description':
      return row.description || <Missing>None</Missing>
    case 'system':
      return systemsOf(row) || <Missing>None</Missing>
    default:
      return row[column] ? spelled(row[column]) : <Missing>Not known</Missing>
  }
}

function Tags({ row }: { row: CatalogLineFragment }) {
  const { shown, more } = tagsThatFit(row.tags, TAG_LETTERS)
  return (
    <span className="flex items-center gap-1">
      {shown.map((tag) => (
        <Tag key={tagWords(tag)} name={tag.key} value={tag.value} />
      ))}
      {more > 0 && <span className="ml-px text-12 text-text-3">+{more}</span>}
    </span>
  )
}

/** A service in two lines, for a phone. */
export const PhoneRow = memo(function PhoneRow({ row, index, current, kinds, setSize }: RowProps & { setSize: number }) {
  const duty = onDuty(row.onCall)
  const team = teamOf(row)
  const event = row.lastEvent
  return (
    <li
      aria-posinset={index + 1}
      aria-setsize={setSize}
      data-row={row.ref}
      onClick={(click) => openRow(click, row.name)}
      className={cx(
        'flex h-[60px] items-center gap-x-[11px] border-b border-border px-4 has-[:focus-visible]:shadow-[inset_2px_0_var(--accent)]',
        selected,
      )}
    >
      <State row={row} />
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-[7px] leading-[21px]">
          {nameLink({ row, current, className: '-my-[1.5px] line-clamp-2 py-[1.5px] leading-[18px] font-semibold break-words' })}
          {row.tier !== null && <span className="flex-none text-13 text-text-3 max-[359px]:hidden">Tier {row.tier}</span>}
          {event && (
            <span className="ml-auto flex flex-none items-center gap-1.5 text-[13.5px] text-text-3">
              <ChangeIcon row={row} kinds={kinds} />
              <Age ms={Date.parse(event.startedAt)} />
            </span>
          )}
        </div>
        <div className="flex gap-3 text-[13.5px] leading-[19px] text-text-2">
          <span className="min-w-0 flex-1 truncate">
            {team ?? <span className="font-medium text-warn">Nobody owns it</span>},{' '}
            {duty ?? <span className="font-medium text-warn">nobody on call</span>}
          </span>
          <span className="max-w-[38vw] flex-none truncate">{event ? changeWords(event, row.name) : <span className="text-text-3">no change yet</span>}</span>
        </div>
      </div>
    </li>
  )
})

/** Beside the name where there is room for all of it. */
function Language({ name }: { name: string }) {
  return (
    <span className="flex h-4 min-w-0 flex-wrap overflow-hidden text-12 text-text-3">
      {/* What is too long goes to a line below, which is not seen. */}
      <span className="h-4 w-0" />
      <span>{name}</span>
    </span>
  )
}

function teamOf({ owner }: CatalogLineFragment): string | null {
  return owner ? owner.title || owner.name : null
}

function dutyList({ onCall }: CatalogLineFragment): string | undefined {
  return onCall.map((one) => `${one.person?.title || one.name}${one.role ? `, ${one.role}` : ''}`).join('\n') || undefined
}

function State({ row }: { row: CatalogLineFragment }) {
  const { status, words } = stateOf(row.condition)
  return <StatusGlyph status={status} label={words && `${words}.`} />
}

function Lifecycle({ row }: { row: CatalogLineFragment }) {
  if (!row.lifecycle || row.lifecycle === 'production') return null
  return <Badge>{row.lifecycle}</Badge>
}

function Duty({ row }: { row: CatalogLineFragment }) {
  const name = onDuty(row.onCall)
  if (!name) return <Nobody what="Nobody" />
  return (
    <span className="flex items-center gap-1.5">
      <Avatar kind="person" name={name} />
      <span className="truncate">{name}</span>
    </span>
  )
}

function Nobody({ what }: { what: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 align-middle font-medium text-warn">
      <Icon of={UserX} />
      {what}
    </span>
  )
}

function Missing({ children }: { children: string }) {
  return (
    <span className="text-text-3">
      <span aria-hidden>–</span>
      <span className="sr-only">{children}</span>
    </span>
  )
}

function ChangeIcon({ row, kinds }: Pick<RowProps, 'row' | 'kinds'>) {
  const event = row.lastEvent!
  const kind = kinds.get(event.kind)
  const warn = event.phase === 'failed' || event.kind === 'rollback'
  return (
    <span title={kind?.title ?? event.kind} className={cx('flex-none', warn ? 'text-warn' : 'text-text-3')}>
      <Icon of={kindIcon(kind?.icon)} />
      <span className="sr-only">{kind?.title ?? event.kind}: </span>
    </span>
  )
}

function LastChange({ row, current, kinds }: Pick<RowProps, 'row' | 'current' | 'kinds'>) {
  const event = row.lastEvent
  if (!event) return <span className="text-text-3">None yet</span>
  const ms = Date.parse(event.startedAt)
  const words = changeWords(event, row.name)
  return (
    <span className="flex min-w-0 items-center gap-2">
      <ChangeIcon row={row} kinds={kinds} />
      <span className="min-w-0 truncate text-text" title={words.length > 24 || words !== event.title ? event.title : undefined}>
        {words}
      </span>
      <TimeTip ms={ms}>
        <Link
          to="/e/$event"
          params={{ event: event.id }}
          search={keepShared}
          tabIndex={current ? 0 : -1}
          className="ml-auto flex-none pl-2 text-text-3 hover:underline"
        >
          <time dateTime={event.startedAt}>
            <Age ms={ms} />
          </time>
          <span className="sr-only">, the last change of {row.name}</span>
        </Link>
      </TimeTip>
    </span>
  )
}
