import { ListFilter } from 'lucide-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { Button, IconButton } from '@/components/Button'
import { Drawer } from '@/components/Drawer'
import { Icon } from '@/components/Icon'
import { Page } from '@/shell/Page'
import { useUrl } from '@/shell/search'
import { FeedBody } from './FeedBody'
import { FeedFacets, useFacets } from './FeedFacets'
import { FilterBar } from './FilterBar'
import { MarksProvider, NO_MARKS } from './marks'
import { Pulse } from './Pulse'
import { useFeed } from './useFeed'
import { useFeedUrl } from './useFeedUrl'
import { ViewTabs } from './ViewTabs'

const EventPanel = lazy(() => import('./EventPanel'))
const NewestMarks = lazy(() => import('@/features/incident/NewestMarks'))

const DEFAULT_FROM = '-24h'

/** The global feed: everything that changed, newest first. */
export default function FeedPage() {
  const url = useUrl()
  const { params, change, selected, select } = useFeedUrl()
  const scope = useMemo(() => ({ params, defaultFrom: DEFAULT_FROM }), [params])
  const feed = useFeed(scope)
  const facets = useFacets(scope)
  const [filters, setFilters] = useState(false)
  const [marks, setMarks] = useState(NO_MARKS)
  const sources = facets.data?.sources.map((s) => s.value) ?? []
  const openFilters = () => setFilters(true)

  return (
    <Page
      title="Feed"
      heading
      defaultFrom={DEFAULT_FROM}
      phoneActions={
        <IconButton label="Filters" onClick={openFilters}>
          <Icon of={ListFilter} size={20} />
        </IconButton>
      }
    >
      <ViewTabs />
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_244px] max-xl:grid-cols-[minmax(0,1fr)]">
        <section aria-label="Changes" className="flex min-h-0 min-w-0 flex-col">
          <div className="flex flex-none items-start">
            <div className="min-w-0 flex-1">
              <FilterBar key={url.view ?? ''} params={params} defaultFrom={DEFAULT_FROM} sources={sources} onChange={change} />
            </div>
            <span className="mt-[13px] mr-5 hidden sm:max-xl:block">
              <Button onClick={openFilters}>
                <Icon of={ListFilter} size={13} className="text-text-3" />
                Filters
              </Button>
            </span>
          </div>
          <Pulse scope={scope} feed={feed} onChange={change} />
          <MarksProvider value={marks}>
            <FeedBody feed={feed} params={params} selected={selected} onSelect={select} onChange={change} />
          </MarksProvider>
          {feed.isSuccess && (
            <Suspense fallback={null}>
              <NewestMarks onMarks={setMarks} />
            </Suspense>
          )}
        </section>
        <aside aria-label="Filters" className="scroll-thin border-l border-border px-3.5 py-1.5 max-xl:hidden">
          <FeedFacets counts={facets.data} params={params} onChange={change} />
        </aside>
      </div>
      <Drawer title="Filters" open={filters} onClose={() => setFilters(false)}>
        <FeedFacets counts={facets.data} params={params} onChange={change} />
      </Drawer>
      {selected && (
        <Suspense fallback={null}>
          <EventPanel id={selected} onClose={() => select(null)} onOpen={select} />
        </Suspense>
      )}
    </Page>
  )
}
