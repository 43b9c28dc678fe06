import { lazy, Suspense } from 'react'
import { Link } from '@/router'
import { cx } from '@/components/cx'
import { viewTab } from '@/components/tabs'
import type { Search } from '@/url/search'
import { MOVING } from './migration'
import { type CatalogParams, encode, isFiltered, NO_FILTER, usualSort, VIEWS } from './params'
import { useViewCounts } from './useCatalog'
import { VIEW_WORDS } from './wording'

const SavedViews = lazy(() => import('@/shell/SavedViews'))

/** The views at hand, with how many services each has where that can be told. */
export function CatalogTabs({ params }: { params: CatalogParams }) {
  const { migrations, ...counts } = useViewCounts()
  return (
    <nav
      aria-label="Views"
      className="flex h-10 flex-none gap-0.5 overflow-x-auto border-b border-border px-3.5 [scrollbar-width:none] max-sm:h-auto max-sm:gap-2 max-sm:px-4 max-sm:py-2.5"
    >
      {VIEWS.map((view) => {
        const on = params.view === view && !migrations.some(({ what }) => params.tag.includes(`${MOVING}:${what}`))
        const count = counts[view]
        return (
          <Link
            key={view}
            to="/services"
            search={(old: Search) => encode(old, { view })}
            aria-current={on ? 'page' : undefined}
            className={viewTab(on)}
          >
            {VIEW_WORDS[view]}
            {count !== undefined && (
              <span className={cx('text-[11.5px] font-normal max-sm:text-13', on ? 'text-text-3 max-sm:text-accent' : 'text-text-3')}>{count.toLocaleString('en')}</span>
            )}
          </Link>
        )
      })}
      {migrations.map(({ what, done, all }) => {
        const tag = `${MOVING}:${what}`
        const on = params.view === 'all' && params.tag.length === 1 && params.tag[0] === tag
        return (
          <Link key={what} to="/services" search={(old: Search) => encode(old, { ...NO_FILTER, tag: [tag], view: 'all' })} aria-current={on ? 'page' : undefined} className={viewTab(on)}>
            {what}
            <span className="text-[11.5px] font-normal text-text-3 max-sm:text-13">
              {done.toLocaleString('en')} of {all.toLocaleString('en')}
            </span>
          </Link>
        )
      })}
      <Suspense fallback={null}>
        <SavedViews page="services" named={!isFiltered(params) && params.sort === usualSort(params.q) && params.cols === null} />
      </Suspense>
    </nav>
  )
}
