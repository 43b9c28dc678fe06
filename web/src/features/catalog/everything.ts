import { request } from '@/data/client'
import { CatalogExportDocument, type CatalogExportQuery, type EntityFilter } from '@/gql/graphql'

const PAGE = 500

/** All services that a filter lets through, at most so many. */
export async function everything(filter: EntityFilter, most: number, signal?: AbortSignal) {
  const rows: CatalogExportQuery['entities']['nodes'][number][] = []
  let after: string | undefined
  let total = 0
  do {
    const { entities } = await request(CatalogExportDocument, { filter, sort: 'name', after, first: Math.min(PAGE, most) }, signal)
    rows.push(...entities.nodes)
    total = entities.total
    after = entities.next ?? undefined
  } while (after && rows.length < most)
  return { rows, total }
}
