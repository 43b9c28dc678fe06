import { lazy, Suspense } from 'react'
import { Link } from '@/router'
import { viewTab } from '@/components/tabs'
import { useUrl } from '@/shell/search'
import { sameView, show } from '@/url/view'
import { BUILT_IN } from './views'

const SavedViews = lazy(() => import('@/shell/SavedViews'))

/** The views at hand: ours, those that this reader saved, and the shared ones. */
export function ViewTabs() {
  const url = useUrl()
  const current = BUILT_IN.find((view) => sameView(view.search, url))
  return (
    <nav
      aria-label="Views"
      className="flex h-10 flex-none gap-0.5 overflow-x-auto border-b border-border px-3.5 [scrollbar-width:none] max-sm:h-auto max-sm:gap-2 max-sm:border-b-0 max-sm:px-4 max-sm:py-2.5"
    >
      {BUILT_IN.map((view) => (
        <Link key={view.name} to="/feed" search={(old) => show(view.search, old)} aria-current={view === current ? 'page' : undefined} className={viewTab(view === current)}>
          {view.name}
        </Link>
      ))}
      <Suspense fallback={null}>
        <SavedViews page="feed" named={current !== undefined} />
      </Suspense>
    </nav>
  )
}
