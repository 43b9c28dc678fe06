import { Download, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { saveText } from '@/components/save'
import { request } from '@/data/client'
import { CatalogExportDocument, type CatalogExportQuery } from '@/gql/graphql'
import { dayKey } from '@/time/format'
import { useZones } from '@/time/zones'
import { cells, csv } from './csv'
import { type CatalogParams, sortOf, toFilter } from './params'
import { inView, nextOf, useDayStart } from './useCatalog'

const PAGE = 500

/** Writes what the filter shows to a file, all of it, page after page. */
export function ExportButton({ params, label }: { params: CatalogParams; label?: string }) {
  const { primary } = useZones()
  const dayStart = useDayStart()
  const running = useRef<AbortController | null>(null)
  const [progress, setProgress] = useState<{ done: number; of: number } | null>(null)
  const [said, setSaid] = useState('')
  useEffect(() => () => running.current?.abort(), [])

  const run = async (form: 'csv' | 'json') => {
    const abort = new AbortController()
    running.current = abort
    setSaid('')
    setProgress({ done: 0, of: 0 })
    try {
      const filter = toFilter(params)
      const keep = inView(params.view, dayStart)
      const rows: CatalogExportQuery['entities']['nodes'][number][] = []
      let done = 0
      let after: string | undefined
      do {
        const { entities } = await request(CatalogExportDocument, { filter, sort: sortOf(params), after, first: PAGE }, abort.signal)
        for (const node of entities.nodes) if (keep(node)) rows.push(node)
        done += entities.nodes.length
        setProgress({ done, of: entities.total })
        after = nextOf(entities, params.view, dayStart)
      } while (after)
      const name = `services-${dayKey(Date.now(), primary.id)}.${form}`
      if (form === 'csv') saveText(csv(rows.map(cells)), name, 'text/csv')
      else saveText(`${JSON.stringify(rows, null, 2)}\n`, name, 'application/json')
      setSaid(`${rows.length.toLocaleString('en')} ${rows.length === 1 ? 'service' : 'services'} written`)
    } catch (error) {
      if (!abort.signal.aborted) setSaid(error instanceof Error ? error.message : 'The export failed.')
    } finally {
      running.current = null
      setProgress(null)
    }
  }

  return (
    <>
      <span role="status" className="truncate text-12 text-text-3">
        {progress ? (progress.of ? `${progress.done.toLocaleString('en')} of ${progress.of.toLocaleString('en')}` : 'Reading') : said}
      </span>
      <Button small title={progress ? undefined : 'Everything the filter lets through, as a table for a spreadsheet'} onClick={() => (progress ? running.current?.abort() : void run('csv'))}>
        <Icon of={progress ? X : Download} size={13} className="text-text-3" />
        {progress ? 'Stop' : (label ?? 'CSV')}
      </Button>
      {!progress && (
        <Button small title="Everything the filter lets through, for programs" onClick={() => void run('json')}>
          <Icon of={Download} size={13} className="text-text-3" />
          JSON
        </Button>
      )}
    </>
  )
}
