import { ArrowDownUp, Columns3, ListFilter, Plus } from 'lucide-react'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { Kbd } from '@/components/Badge'
import { Button, buttonClass, IconButton } from '@/components/Button'
import { Drawer } from '@/components/Drawer'
import { Icon } from '@/components/Icon'
import { useMedia } from '@/components/media'
import { SearchBox } from '@/components/SearchBox'
import { ErrorState, Loading } from '@/components/states'
import type { EntitySort } from '@/gql/graphql'
import { Link } from '@/router'
import { useShortcuts } from '@/shell/keys'
import { Page } from '@/shell/Page'
import { keepShared } from '@/shell/search'
import { useMay, useViewer } from '@/shell/viewer'
import { CatalogFacets } from './CatalogFacets'
import { CatalogList, type ListHandle, SkeletonRows } from './CatalogList'
import { FirstService, NoMatch } from './CatalogStates'
import { CatalogTabs } from './CatalogTabs'
import { type Column, columnsShown } from './columns'
import { ExportButton } from './ExportButton'
import { followed } from './migration'
import { type CatalogParams, isFiltered, SORTS } from './params'
import { type Catalog, useCatalog, useCatalogFacets } from './useCatalog'
import { type Change, useCatalogUrl } from './useCatalogUrl'
import { SORT_WORDS } from './wording'

const Columns = lazy(() => import('./Columns'))
const BulkEdit = lazy(() => import('./BulkEdit'))
const MigrationStrip = lazy(() => import('./MigrationStrip'))

/** The roll: every service, who answers for it, and what changed in it last. */
export default function ServicesPage() {
  const { params, change } = useCatalogUrl()
  const catalog = useCatalog(params)
  const facets = useCatalogFacets(catalog.filter)
  const phone = useMedia('(width < 640px)')
  const narrow = useMedia('(width < 1280px)')
  const [filters, setFilters] = useState(false)
  const [editing, setEditing] = useState(false)
  const [choosing, setChoosing] = useState(false)
  const wide = useMedia('(width >= 1400px)')
  const columns = useMemo(() => columnsShown(params.cols, wide), [params.cols, wide])
  const mayEdit = useMay('entity.edit')
  const mayAdd = useMay('documents.apply')
  const migration = followed(params.tag)
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<ListHandle>(null)
  const aside = useRef<HTMLElement>(null)
  const all = useViewer()?.viewer.counts.find((c) => c.kind === 'service')?.count

  useShortcuts([
    {
      keys: '/',
      label: 'Search',
      group: 'Services',
      run: () => {
        input.current?.focus()
        input.current?.select()
      },
    },
    {
      keys: 'f',
      label: 'Filter',
      group: 'Services',
      run: () => (narrow ? setFilters(true) : aside.current?.querySelector('input')?.focus()),
    },
  ])

  const search = (
    <SearchBox
      what="Services"
      placeholder="Name, team, tag, language"
      q={params.q}
      answer={catalog}
      input={input}
      onChange={(q) => change({ q }, 'typing')}
      onLeave={() => list.current?.enter()}
    />
  )
  const openFilters = () => setFilters(true)
  return (
    <Page
      title="Services"
      heading
      count={phone ? undefined : all}
      environments={false}
      phoneActions={
        <IconButton label="Filters" onClick={openFilters}>
          <Icon of={ListFilter} size={20} />
        </IconButton>
      }
    >
      {phone && search}
      <CatalogTabs params={params} />
      <div className="grid min-h-0 flex-1 grid-cols-[190px_minmax(0,1fr)] max-xl:grid-cols-[minmax(0,1fr)]">
        <aside ref={aside} aria-label="Filters" className="scroll-thin border-r border-border px-3.5 py-1.5 max-xl:hidden">
          {!narrow && <CatalogFacets counts={facets.data} params={params} onChange={change} />}
        </aside>
        <section aria-label="Services" className="flex min-h-0 min-w-0 flex-col">
          {!phone && (
            <div className="flex h-12 flex-none items-center gap-2 px-4">
              {search}
              <span className="ml-auto flex flex-none items-center gap-2">
                <SortPicker params={params} catalog={catalog} onChange={change} />
                <Button small className="xl:hidden" onClick={openFilters}>
                  <Icon of={ListFilter} size={13} className="text-text-3" />
                  Filters
                </Button>
                {mayEdit && isFiltered(params) && (
                  <Button small onClick={() => setEditing(true)}>
                    Edit all
                  </Button>
                )}
                <Button small onClick={() => setChoosing(true)}>
                  <Icon of={Columns3} size={13} className="text-text-3" />
                  <span className="max-lg:sr-only">Columns</span>
                </Button>
                <ExportButton params={params} />
                {mayAdd && (
                  <Link to="/start" search={keepShared} className={buttonClass('primary', true)}>
                    <Icon of={Plus} size={13} />
                    <span className="max-lg:sr-only">Add service</span>
                  </Link>
                )}
              </span>
            </div>
          )}
          {migration && (
            <Suspense fallback={null}>
              <MigrationStrip what={migration} params={params} />
            </Suspense>
          )}
          <Body catalog={catalog} params={params} phone={phone} list={list} onChange={change} alone={all === 1} columns={columns} wide={wide} />
          <Foot catalog={catalog} all={all} />
        </section>
      </div>
      {choosing && (
        <Suspense fallback={null}>
          <Columns shown={columns} usual={params.cols === null} onChange={change} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
      {editing && (
        <Suspense fallback={null}>
          <BulkEdit params={params} onClose={() => setEditing(false)} />
        </Suspense>
      )}
      <Drawer title="Filters" open={filters} onClose={() => setFilters(false)}>
        {phone && (
          <div className="flex flex-wrap items-center justify-between gap-2 pt-2 pb-3">
            <SortPicker params={params} catalog={catalog} onChange={change} />
            <ExportButton params={params} label="Export CSV" />
          </div>
        )}
        <CatalogFacets counts={facets.data} params={params} onChange={change} />
      </Drawer>
    </Page>
  )
}

type BodyProps = { catalog: Catalog; params: CatalogParams; phone: boolean; list: React.Ref<ListHandle>; onChange: Change; alone: boolean; columns: readonly Column[]; wide: boolean }

/** The rows, or what stands in their place. */
function Body({ catalog, params, phone, list, onChange, alone, columns, wide }: BodyProps) {
  if (catalog.isPending) {
    return (
      <div className="min-h-0 flex-1 overflow-hidden">
        <Loading what="services">
          <SkeletonRows phone={phone} />
        </Loading>
      </div>
    )
  }
  if (catalog.isError && catalog.rows.length === 0) {
    return (
      <div className="flex-1">
        <ErrorState title="The services could not be loaded" error={catalog.error} onRetry={() => void catalog.refetch()} />
      </div>
    )
  }
  if (catalog.rows.length === 0) {
    return (
      <div className="flex-1">
        {catalog.hasNextPage || catalog.isPlaceholderData ? <Searching catalog={catalog} /> : <NoMatch params={params} onChange={onChange} />}
      </div>
    )
  }
  return (
    <CatalogList
      catalog={catalog}
      phone={phone}
      sortable={params.view !== 'today'}
      onSort={(sort) => onChange({ sort })}
      handle={list}
      columns={columns}
      wide={wide}
      end={alone && !isFiltered(params) && params.view === 'all' ? <FirstService alone /> : undefined}
    />
  )
}

function Searching({ catalog }: { catalog: Catalog }) {
  return (
    <p className="px-5 py-4 text-text-2 max-sm:px-4" role="status">
      Looking through {catalog.passing.toLocaleString('en')} services.
    </p>
  )
}

function SortPicker({ params, catalog, onChange }: { params: CatalogParams; catalog: Catalog; onChange: Change }) {
  return (
    <label className="relative flex h-6 flex-none items-center rounded-[5px] text-12 font-medium text-text-2 hover:bg-hover max-sm:h-9 max-sm:text-14">
      <Icon of={ArrowDownUp} size={13} className="pointer-events-none absolute left-2 text-text-3" />
      <span className="sr-only">Order</span>
      <select
        value={catalog.sort}
        disabled={params.view === 'today'}
        onChange={(event) => onChange({ sort: event.target.value as EntitySort })}
        className="h-full appearance-none rounded-[5px] bg-transparent pr-2 pl-[27px] [field-sizing:content] disabled:opacity-100"
      >
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {SORT_WORDS[sort]}
          </option>
        ))}
      </select>
    </label>
  )
}

const KEYS: [string[], string][] = [
  [['j', 'k'], 'move'],
  [['↵'], 'open'],
  [['/'], 'search'],
  [['f'], 'filter'],
]

/** The keys at hand, and how many there are. */
function Foot({ catalog, all }: { catalog: Catalog; all: number | undefined }) {
  const { total, rows, seen, passing, hasNextPage } = catalog
  const words =
    total === null
      ? hasNextPage && seen < passing
        ? `${rows.length.toLocaleString('en')} so far, ${seen.toLocaleString('en')} of ${passing.toLocaleString('en')} looked at`
        : ''
      : all !== undefined && all !== total
        ? `${total.toLocaleString('en')} of ${all.toLocaleString('en')}`
        : `${total.toLocaleString('en')} ${total === 1 ? 'service' : 'services'}`
  return (
    <div className="flex h-[34px] flex-none items-center gap-4 border-t border-border px-4 text-12 text-text-3 max-sm:h-7">
      {KEYS.map(([keys, does]) => (
        <span key={does} aria-hidden className="flex items-center gap-[5px] max-sm:hidden">
          {keys.map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
          {does}
        </span>
      ))}
      <span role="status" className="ml-auto">
        {words}
      </span>
    </div>
  )
}
