import { lazy, Suspense } from 'react'
import { Link } from '@/router'
import { cx } from '@/components/cx'
import type { Search } from '@/url/search'
import { type CatalogParams, encode, isFiltered, VIEWS } from './params'
import { useViewCounts } from './useCatalog'
import { VIEW_WORDS } from './wording'

const OwnViews = lazy(() => import('./OwnViews'))

/** The views at hand, with how many services each has where that can be told. */
export function CatalogTabs({ params }: { params: CatalogParams }) {
  const counts = useViewCounts()
  return (
    <nav
      aria-label="Views"
      className="flex h-10 flex-none gap-0.5 overflow-x-auto border-b border-border px-3.5 [scrollbar-width:none] max-sm:h-auto max-sm:gap-2 max-sm:px-4 max-sm:py-2.5"
    >
      {VIEWS.map((view) => {
        const on = params.view === view
        const count = counts[view]
        return (
          <Link
            key={view}
            to="/services"
            search={(old: Search) => encode(old, { view })}
            aria-current={on ? 'page' : undefined}
            className={cx(
              'relative flex h-full flex-none items-center gap-1.5 px-2 whitespace-nowrap -outline-offset-2 max-sm:h-[34px] max-sm:rounded-[17px] max-sm:border max-sm:px-[13px] max-sm:text-14',
              on
                ? 'font-medium text-text after:absolute after:inset-x-2 after:-bottom-px after:h-0.5 after:rounded-[1px] after:bg-accent max-sm:border-transparent max-sm:bg-accent-weak max-sm:text-accent max-sm:after:hidden'
                : 'text-text-2 hover:text-text max-sm:border-border',
            )}
          >
            {VIEW_WORDS[view]}
            {count !== undefined && (
              <span className={cx('text-[11.5px] font-normal max-sm:text-13', on ? 'text-text-3 max-sm:text-accent' : 'text-text-3')}>{count.toLocaleString('en')}</span>
            )}
          </Link>
        )
      })}
      <Suspense fallback={null}>
        <OwnViews plain={!isFiltered(params)} />
      </Suspense>
    </nav>
  )
}
