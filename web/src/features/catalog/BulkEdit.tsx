import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Button } from '@/components/Button'
import { Drawer } from '@/components/Drawer'
import { ErrorState } from '@/components/states'
import { request } from '@/data/client'
import { BulkEditDocument, type FieldInput } from '@/gql/graphql'
import { everything } from './everything'
import { type CatalogParams, toFilter } from './params'

const MOST = 500
const EDITS = {
  'add tag': { label: 'Add the tag', hint: 'migrated:k8s-1.33' },
  'remove tag': { label: 'Take back the tag', hint: 'migrated:k8s-1.33' },
  owner: { label: 'Owner', hint: 'team:payments' },
  tier: { label: 'Tier', hint: '0 to 3' },
  lifecycle: { label: 'Lifecycle', hint: 'production' },
} as const
type Edit = keyof typeof EDITS

/** The claim that an edit makes of each service; null while it says nothing yet. */
export function claimOf(edit: Edit, text: string): FieldInput | null {
  const value = text.trim()
  if (!value) return null
  switch (edit) {
    case 'add tag':
    case 'remove tag': {
      const at = value.indexOf(':')
      const [key, rest] = at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)]
      return { field: `tag/${key}`, value: edit === 'add tag' ? rest : null }
    }
    case 'tier':
      return /^[0-3]$/.test(value) ? { field: 'tier', value: Number(value) } : null
    case 'owner':
      return { field: 'owner', value: value.includes(':') ? value : `team:${value}` }
    default:
      return { field: edit, value }
  }
}

/** Says one thing of every service that the filter lets through. What is said so is a claim by hand of the one who says it. */
export default function BulkEdit({ params, onClose }: { params: CatalogParams; onClose: () => void }) {
  const queries = useQueryClient()
  const filter = toFilter(params)
  const query = useQuery({ queryKey: ['bulk', filter], queryFn: ({ signal }) => everything(filter, MOST, signal) })
  const [edit, setEdit] = useState<Edit>('add tag')
  const [text, setText] = useState('')
  const [done, setDone] = useState<number | null>(null)
  const [faults, setFaults] = useState<string[]>([])
  const stopped = useRef(false)
  useEffect(() => () => void (stopped.current = true), [])
  const rows = query.data?.rows ?? []
  const claim = claimOf(edit, text)
  const run = async () => {
    if (!claim) return
    setFaults([])
    const wrong: string[] = []
    for (const [i, row] of rows.entries()) {
      if (stopped.current) return
      setDone(i)
      try {
        await request(BulkEditDocument, { ref: row.ref, fields: [claim] })
      } catch (error) {
        wrong.push(`${row.name}: ${error instanceof Error ? error.message : 'failed'}`)
        // What is wrong with the claim itself is wrong with all.
        if (i === 0) break
      }
    }
    setDone(wrong.length === 1 && rows.length > 1 ? null : rows.length - wrong.length)
    setFaults(wrong)
    void queries.invalidateQueries()
  }
  const running = done !== null && done < rows.length && faults.length === 0
  return (
    <Drawer title="Edit all of these services" side="middle" open onClose={onClose}>
      {query.isError && <ErrorState title="They could not be read" error={query.error} onRetry={() => void query.refetch()} />}
      <form
        className="py-2"
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <p className="text-text-2">
          {query.isPending
            ? 'Reading which they are.'
            : `${rows.length.toLocaleString('en')} ${rows.length === 1 ? 'service' : 'services'}: ${rows
                .slice(0, 6)
                .map((row) => row.name)
                .join(', ')}${rows.length > 6 ? ` and ${rows.length - 6} more` : ''}.`}
        </p>
        {(query.data?.total ?? 0) > rows.length && <p className="text-warn">The filter lets more through than can be edited at once: the first {MOST} are.</p>}
        <div className="mt-3 flex flex-wrap gap-2.5">
          <label className="block">
            <span className="mb-1 block text-12 text-text-3">What</span>
            <select value={edit} onChange={(event) => setEdit(event.target.value as Edit)} className="h-7 rounded-6 border border-border-control bg-surface px-2 max-sm:h-11">
              {Object.entries(EDITS).map(([id, { label }]) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </select>
          </label>
          <label className="block flex-1 basis-48">
            <span className="mb-1 block text-12 text-text-3">Value</span>
            <input
              value={text}
              placeholder={EDITS[edit].hint}
              maxLength={200}
              spellCheck={false}
              autoCapitalize="none"
              autoComplete="off"
              onChange={(event) => setText(event.target.value)}
              className="h-7 w-full rounded-6 border border-border-control bg-surface px-2 font-mono text-12 max-sm:h-11 max-sm:text-14"
            />
          </label>
        </div>
        <p role="status" className="mt-2 min-h-5 text-text-2">
          {done !== null && (running ? `${done} of ${rows.length}` : `${done} of ${rows.length} were edited.`)}
        </p>
        {faults.length > 0 && (
          <ul role="alert" className="max-h-40 overflow-auto text-crit">
            {faults.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        )}
        <div className="mt-2 flex gap-2">
          <Button look="primary" type="submit" disabled={!claim || rows.length === 0 || running}>
            Edit {rows.length.toLocaleString('en')}
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
        <p className="mt-2 text-12 text-text-3">It stands above what descriptors say, and is in the log under your name. A tag is taken back only where it was set by hand.</p>
      </form>
    </Drawer>
  )
}
