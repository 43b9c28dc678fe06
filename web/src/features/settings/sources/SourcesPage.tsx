import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '@/components/Badge'
import { buttonClass } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { StatusGlyph } from '@/components/shapes'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { Age, Time } from '@/components/Time'
import { request } from '@/data/client'
import { SourcesDocument } from '@/gql/graphql'
import { Link } from '@/router'
import { keepShared } from '@/shell/search'
import { useMay } from '@/shell/viewer'
import { useNow } from '@/time/now'
import { inputClass, Settings } from '../Settings'
import { Fact, glyphs, Hours } from './parts'
import { arrange, silence, type Source, summary } from './sources'

/** From so many on, a list is searched rather than read. */
const MANY = 12

/** Where Tidings hears from: what each source looks at, when it was last heard, and what to do where one fails. */
export default function SourcesPage() {
  const [q, setQ] = useState('')
  const may = useMay('settings.write')
  const query = useQuery({
    queryKey: ['settings', 'sources'],
    queryFn: async ({ signal }) => (await request(SourcesDocument, {}, signal)).sources,
    refetchInterval: 15_000,
  })
  const sources = query.data ?? []
  const shown = arrange(sources, q)
  const add = (small: boolean) => may && (
    <Link to="/settings/new-source" search={keepShared} className={buttonClass('primary', small)}>
      <Icon of={Plus} size={14} />
      Add a source
    </Link>
  )
  return (
    <Settings title="Sources" count={query.data?.length}>
      {query.isPending && (
        <Loading what="the sources">
          <div className="p-5">
            <Bar width="35%" />
            <Bar width="60%" />
            <Bar width="50%" />
          </div>
        </Loading>
      )}
      {query.isError && !query.data && <ErrorState title="The sources could not be loaded" error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && sources.length === 0 && (
        <EmptyState title="Nothing tells Tidings anything by itself yet" command="tidings agent kubernetes --context staging" look="plain" actions={add(true)}>
          Pipelines send events, and descriptors are applied. Some thirty tools tell of themselves once they are connected. An agent sees what runs in a
          cluster, and what changes there:
        </EmptyState>
      )}
      {sources.length > 0 && (
        <>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 pt-4 pb-2 max-sm:px-4">
            <p role="status" className="text-text-2">
              {summary(shown)}
            </p>
            <span className="ml-auto flex flex-wrap items-center gap-2 max-sm:ml-0 max-sm:w-full">
              {sources.length >= MANY && (
                <input
                  type="search"
                  aria-label="Search sources"
                  placeholder="Name, tool, cluster"
                  value={q}
                  onChange={(event) => setQ(event.target.value)}
                  className={`${inputClass} w-56 max-sm:w-auto max-sm:flex-1`}
                />
              )}
              {add(false)}
            </span>
          </div>
          {shown.length === 0 && <EmptyState title="No source is called that">Its name, tool, cluster and what it looks at were searched.</EmptyState>}
          <ul className="px-5 max-sm:px-4">
            {shown.map((source) => (
              <Row key={source.name} source={source} />
            ))}
          </ul>
        </>
      )}
    </Settings>
  )
}

function Row({ source }: { source: Source }) {
  const { observed, lately, backfill } = source
  const failing = source.state === 'failing'
  const silent = silence(source, useNow())
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_300px] gap-x-6 gap-y-1 border-b border-border py-2.5 [contain-intrinsic-size:auto_64px] [content-visibility:auto] max-sm:grid-cols-1">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <StatusGlyph status={silent ? 'warn' : (glyphs[source.state] ?? 'calm')} />
          <Link to="/settings/sources/$name" params={{ name: source.name }} search={keepShared} className="font-medium hover:text-accent hover:underline max-sm:py-1 [overflow-wrap:anywhere]">
            {source.name}
          </Link>
          <Badge>{source.tool?.title ?? source.type}</Badge>
          <span className={failing ? 'text-[12.5px] text-warn' : 'text-[12.5px] text-text-3'}>{source.state}</span>
        </p>
        <p className={failing ? 'pl-[22px] text-pretty text-warn [overflow-wrap:anywhere] first-letter:uppercase' : 'pl-[22px] text-pretty text-text-2 [overflow-wrap:anywhere] first-letter:uppercase'}>{source.detail}</p>
        {silent && <p className="pl-[22px] text-pretty text-warn">{silent}</p>}
        {observed && observed.looksAt !== source.detail && <p className="pl-[22px] text-12 text-text-3 [overflow-wrap:anywhere]">{observed.looksAt}</p>}
      </div>
      <dl className="grid grid-cols-[84px_minmax(0,1fr)] content-start gap-x-2 text-12 leading-[18px] max-sm:pl-[22px]">
        {observed && (
          <>
            <Fact name="Last heard">
              <Age ms={Date.parse(observed.heardAt)} />
              {observed.syncedAt ? '' : ', still looking for the first time'}
            </Fact>
            <Fact name="Looks at">
              {observed.objects.toLocaleString('en')} objects
              {observed.cluster && (
                <>
                  {' '}
                  in <code>{observed.cluster}</code>
                </>
              )}
            </Fact>
            {observed.waiting > 0 && <Fact name="Waiting">{observed.waiting.toLocaleString('en')} to be sent</Fact>}
            {observed.lost > 0 && <Fact name="Looked again">{observed.lost.toLocaleString('en')} found no room</Fact>}
            {observed.lagSeconds >= 5 && <Fact name="Behind">{Math.round(observed.lagSeconds)} s</Fact>}
            <Fact name="Agent">
              <span className="[overflow-wrap:anywhere]">{observed.agent}</span>, {observed.version || 'version unknown'}, since <Time iso={observed.since} />
            </Fact>
          </>
        )}
        {lately && (
          <Fact name="Delivered">
            <span className="flex items-center gap-3">
              {lately.lastAt ? <Age ms={Date.parse(lately.lastAt)} /> : 'nothing yet'}
              {lately.hours.length > 0 && <Hours lately={lately} />}
            </span>
          </Fact>
        )}
        {backfill && !backfill.done && (
          <Fact name="Looks back">
            {backfill.at ? (
              <>
                to <Time iso={backfill.at} />
              </>
            ) : (
              'it begins'
            )}
            , {backfill.events.toLocaleString('en')} events so far
          </Fact>
        )}
        {source.secretAt && (
          <Fact name="Secret">
            set <Time iso={source.secretAt} />
          </Fact>
        )}
        <Fact name="Last event">
          {source.lastEventAt ? <Time iso={source.lastEventAt} /> : 'none since the start'}
          {source.events > 0 && `, ${source.events.toLocaleString('en')} in all`}
        </Fact>
      </dl>
    </li>
  )
}
