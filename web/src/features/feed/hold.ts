import type { FeedLineFragment, FeedQuery } from '@/gql/graphql'

/**
 * How fresh rows join a list that is being read. The server folds, so a live event only says that the head of the list
 * is out of date; the head is fetched again and laid over what is shown. While someone reads, it waits.
 */
export type FeedPageData = FeedQuery['feed']

/** As long as the first page grows: a page that is left open for days would fill the memory with what nobody has asked for. */
export const KEPT = 300

type Row = Pick<FeedLineFragment, 'id'> & { event: { id: string; startedAt: string; phase: string } }

/** Rows of the head that the reader does not see yet, or sees further down: what the pill counts. */
export function waiting(rows: readonly Row[], head: readonly Row[]): number {
  const shown = new Map(rows.map((row) => [row.id, row.event]))
  return head.filter((row) => {
    const old = shown.get(row.id)
    return !old || Date.parse(row.event.startedAt) > Date.parse(old.startedAt)
  }).length
}

/** Whether the fresh head differs in anything from what is shown. */
export function differs(rows: readonly Row[], head: readonly Row[]): boolean {
  return JSON.stringify(head) !== JSON.stringify(rows.slice(0, head.length))
}

/**
 * Lays a fresh head over the first page. Everything newer than the head's end that the head does not have is gone:
 * it was folded into another row, or it moved. Null means that the list has to start over: so much is new that the head and
 * the page no longer meet, or the page has grown too long. A head is laid over only while nobody reads further down.
 */
export function layOver(page: FeedPageData, head: FeedPageData): FeedPageData | null {
  const last = head.rows.at(-1)
  if (head.next == null || !last || page.rows.length === 0) return head
  const fresh = new Set(head.rows.map((row) => row.id))
  const meets = page.rows.some((row) => fresh.has(row.id))
  if (!meets) return null
  const end = Date.parse(last.event.startedAt)
  const older = page.rows.filter((row) => !fresh.has(row.id) && Date.parse(row.event.startedAt) <= end)
  if (head.rows.length + older.length > KEPT) return null
  return { ...page, rows: [...head.rows, ...older], next: page.next ?? null }
}

/** The rows of all pages, each once: a story that moved up after its page was read stays where it is newest. */
export function joinPages(pages: readonly FeedPageData[]): FeedLineFragment[] {
  const seen = new Set<string>()
  const rows: FeedLineFragment[] = []
  for (const page of pages) {
    for (const row of page.rows) {
      if (seen.has(row.id)) continue
      seen.add(row.id)
      rows.push(row)
    }
  }
  return rows
}
