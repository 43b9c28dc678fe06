import { ArrowDown, ArrowUp } from 'lucide-react'
import { type ReactNode, type Ref, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { Bar } from '@/components/states'
import { useWindowed } from '@/components/windowed'
import type { EntitySort } from '@/gql/graphql'
import { useDensity } from '@/shell/density'
import { useShortcuts } from '@/shell/keys'
import { useKinds } from '@/shell/viewer'
import { PhoneRow, TableRow } from './CatalogRow'
import { type Column, COLUMNS, leastWidth, NAME_WIDTH, widthOf } from './columns'
import type { Catalog } from './useCatalog'

export type ListHandle = { enter: () => void }

type Props = {
  catalog: Catalog
  phone: boolean
  /** Whether the reader may choose the order: a view can have one of its own. */
  sortable: boolean
  onSort: (sort: EntitySort) => void
  handle: Ref<ListHandle>
  end?: ReactNode
  /** The columns beside the name, and whether there is room for them as they are best. */
  columns: readonly Column[]
  wide: boolean
}

const ROW = { usual: 40, compact: 32 }
const PHONE_ROW = 60
const HEAD = 31

/** The rows: only those near the view exist, however many there are. */
export function CatalogList({ catalog, phone, sortable, onSort, handle, end, columns, wide }: Props) {
  const { rows, setHeld, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, isPlaceholderData } = catalog
  const kinds = useKinds()
  const scroller = useRef<HTMLDivElement>(null)
  const [current, setCurrent] = useState<string | null>(null)

  const density = useDensity()
  const rowHeight = phone ? PHONE_ROW : ROW[density]
  const height = useCallback(() => rowHeight, [rowHeight])
  const keyOf = useCallback((i: number) => rows[i]!.ref, [rows])
  const { start, end: stop, before, total, reveal, toTop } = useWindowed({ scroller, count: rows.length, height, keyOf, overscan: 8 })
  const tabStop = current !== null && rows.some((row) => row.ref === current) ? current : (rows[0]?.ref ?? null)

  // Another filter or order begins at its top.
  const asked = JSON.stringify([catalog.filter, catalog.sort])
  useEffect(() => {
    setCurrent(null)
    toTop()
  }, [asked, toTop])

  const reading = useRef({ scrolled: false, hovered: false, focused: false })
  const hold = useCallback(
    (change: Partial<typeof reading.current>) => {
      Object.assign(reading.current, change)
      setHeld(Object.values(reading.current).some(Boolean))
    },
    [setHeld],
  )
  useEffect(() => () => setHeld(false), [setHeld])

  // Focus follows the current row once it is drawn.
  const wanted = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (wanted.current === null) return
    const link = scroller.current?.querySelector<HTMLElement>(`[data-open="${CSS.escape(wanted.current)}"]`)
    if (!link) return
    wanted.current = null
    link.focus({ preventScroll: true })
    link.closest('[data-row]')?.scrollIntoView({ block: 'nearest' })
  })
  const focused = () => {
    const at = document.activeElement
    return at && scroller.current?.contains(at) ? (at.closest<HTMLElement>('[data-row]')?.dataset.row ?? null) : null
  }
  const moveTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    setCurrent(row.ref)
    wanted.current = row.ref
    reveal(rows.indexOf(row))
  }
  const move = (step: number) => () => {
    const at = focused()
    const index = rows.findIndex((row) => row.ref === (at ?? current))
    // The first press goes to the first row on the screen.
    if (index === -1 || (!at && (index < start || index >= stop))) moveTo(Math.ceil((scroller.current?.scrollTop ?? 0) / rowHeight))
    else if (!at) moveTo(index)
    else moveTo(index + step)
  }
  useImperativeHandle(handle, () => ({ enter: () => moveTo(0) }))

  useShortcuts([
    { keys: 'j, down', label: 'Next row', group: 'Services', run: move(1) },
    { keys: 'k, up', label: 'Row before', group: 'Services', run: move(-1) },
    { keys: 'pagedown', label: 'A page down', group: 'Services', run: move(10) },
    { keys: 'pageup', label: 'A page up', group: 'Services', run: move(-10) },
    { keys: 'home', label: 'The first row', group: 'Services', run: () => moveTo(0), hidden: true },
    { keys: 'end', label: 'The last row', group: 'Services', run: () => moveTo(rows.length - 1), hidden: true },
  ])

  useEffect(() => {
    if (stop >= rows.length - 20 && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [stop, rows.length, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage])

  const all = catalog.total ?? -1
  const shown = rows.slice(start, stop)
  const after = Math.max(0, total - before - shown.length * rowHeight)
  const busy = isFetchingNextPage || isPlaceholderData
  return (
    <div
      ref={scroller}
      className="scroll-thin min-h-0 flex-1 overflow-x-auto [overflow-anchor:none]"
      onScroll={(e) => hold({ scrolled: e.currentTarget.scrollTop > 8 })}
      onPointerEnter={(e) => e.pointerType === 'mouse' && hold({ hovered: true })}
      onPointerLeave={() => hold({ hovered: false })}
      onFocus={(e) => {
        const ref = e.target.closest<HTMLElement>('[data-row]')?.dataset.row
        if (!ref) return
        hold({ focused: true })
        setCurrent(ref)
      }}
      onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && hold({ focused: false })}
    >
      {phone ? (
        <ul aria-label="Services" aria-busy={busy} style={{ paddingTop: before, paddingBottom: after }} className="border-t border-border">
          {shown.map((row, i) => (
            <PhoneRow key={row.ref} row={row} index={start + i} current={row.ref === tabStop} kinds={kinds} setSize={all} />
          ))}
        </ul>
      ) : (
        <table aria-label="Services" aria-rowcount={all < 0 ? -1 : all + 1} aria-busy={busy} style={{ minWidth: leastWidth(columns, wide) }} className="w-full table-fixed border-separate border-spacing-0">
          <colgroup>
            <col style={{ width: NAME_WIDTH[wide ? 'wide' : 'narrow'] }} />
            {columns.map((column) => (
              <col key={column} style={{ width: widthOf(column, wide) || undefined }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              <Head sort="name" now={catalog.sort} onSort={sortable ? onSort : undefined} className="pl-4">
                Service
              </Head>
              {columns.map((column) => {
                const { label, ...rest }: { label: string; sort?: EntitySort } = COLUMNS[column]
                return (
                  <Head key={column} sort={rest.sort} now={catalog.sort} onSort={sortable ? onSort : undefined} className="last:pr-4">
                    {label}
                  </Head>
                )
              })}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Room height={before} columns={columns.length + 1} />}
            {shown.map((row, i) => (
              <TableRow key={row.ref} row={row} index={start + i} current={row.ref === tabStop} kinds={kinds} columns={columns} height={rowHeight} />
            ))}
            {after > 0 && <Room height={after} columns={columns.length + 1} />}
          </tbody>
        </table>
      )}
      {isFetchingNextPage && <SkeletonRows count={3} phone={phone} />}
      {isFetchNextPageError && (
        <div className="flex items-center gap-3 px-5 py-3 text-text-2">
          More services could not be loaded.
          <Button small onClick={() => void fetchNextPage()}>
            Try again
          </Button>
        </div>
      )}
      {!hasNextPage && end}
    </div>
  )
}

/** Stands for the rows that are not drawn. */
function Room({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={columns} className="p-0" />
    </tr>
  )
}

type HeadProps = { sort?: EntitySort; now?: EntitySort; onSort?: (sort: EntitySort) => void; className?: string; children: string }

function Head({ sort, now, onSort, className, children }: HeadProps) {
  const on = sort !== undefined && sort === now
  const direction = sort === 'last_change' ? 'descending' : 'ascending'
  return (
    <th
      scope="col"
      aria-sort={on ? direction : undefined}
      style={{ height: HEAD }}
      className={cx(
        'sticky top-0 z-10 border-y border-t-border border-b-border-strong bg-surface px-2 text-left text-12 font-medium whitespace-nowrap text-text-3',
        className,
      )}
    >
      {sort && onSort ? (
        <button type="button" onClick={() => onSort(sort)} className={cx('inline-flex min-h-6 min-w-6 items-center gap-[3px] hover:text-text', on && 'text-text-2')}>
          {children}
          {on && <Icon of={direction === 'ascending' ? ArrowUp : ArrowDown} size={12} stroke={2} />}
        </button>
      ) : (
        <span className="inline-flex items-center gap-[3px]">
          {children}
          {on && <Icon of={direction === 'ascending' ? ArrowUp : ArrowDown} size={12} stroke={2} />}
        </span>
      )}
    </th>
  )
}

const widths = ['46%', '62%', '38%', '54%'] as const

/** Rows to come, as tall as rows are. */
export function SkeletonRows({ count = 12, phone }: { count?: number; phone: boolean }) {
  const density = useDensity()
  return (
    <div aria-hidden>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className="flex items-center gap-4 border-b border-border px-4" style={{ height: phone ? PHONE_ROW : ROW[density] }}>
          <span className="size-[7px] flex-none rounded-full bg-border" />
          <div className="w-[230px] max-sm:w-auto max-sm:flex-1">
            <Bar width={widths[i % 4]!} />
            {phone && <Bar width={widths[(i + 1) % 4]!} />}
          </div>
          <div className="flex-1 max-sm:hidden">
            <Bar width={widths[(i + 2) % 4]!} />
          </div>
          <Bar width={34} />
        </div>
      ))}
    </div>
  )
}
