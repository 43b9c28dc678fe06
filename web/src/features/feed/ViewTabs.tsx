import { Link } from '@/router'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { useUrl } from '@/shell/search'
import type { Search } from '@/url/search'
import { removeView, sameView, saveView, show, useViews } from './views'

/** The views at hand: ours, and those that this reader saved. */
export function ViewTabs() {
  const url = useUrl()
  const views = useViews()
  const [naming, setNaming] = useState(false)
  const known = views.some((view) => sameView(view.search, url))
  return (
    <nav
      aria-label="Views"
      className="flex h-10 flex-none gap-0.5 overflow-x-auto border-b border-border px-3.5 [scrollbar-width:none] max-sm:h-auto max-sm:gap-2 max-sm:border-b-0 max-sm:px-4 max-sm:py-2.5"
    >
      {views.map((view) => {
        const on = sameView(view.search, url)
        return (
          <span key={view.name} className="flex flex-none items-center">
            <Link
              to="/feed"
              search={(old: Search) => show(view, old)}
              aria-current={on ? 'page' : undefined}
              className={cx(
                'relative flex h-full items-center px-2 whitespace-nowrap -outline-offset-2 max-sm:h-[34px] max-sm:rounded-[17px] max-sm:border max-sm:px-[13px] max-sm:text-14',
                on
                  ? 'font-medium text-text after:absolute after:inset-x-2 after:-bottom-px after:h-0.5 after:rounded-[1px] after:bg-accent max-sm:border-transparent max-sm:bg-accent-weak max-sm:text-accent max-sm:after:hidden'
                  : 'text-text-2 hover:text-text max-sm:border-border',
              )}
            >
              {view.name}
            </Link>
            {on && view.own && (
              <button
                type="button"
                aria-label={`Remove the view ${view.name}`}
                onClick={() => removeView(view.name)}
                className="grid size-6 place-items-center rounded-6 text-text-3 hover:bg-hover"
              >
                <Icon of={X} size={12} stroke={2} />
              </button>
            )}
          </span>
        )
      })}
      {!known &&
        (naming ? (
          <form
            className="flex flex-none items-center gap-1.5 px-2"
            onSubmit={(event) => {
              event.preventDefault()
              saveView(String(new FormData(event.currentTarget).get('name')), url)
              setNaming(false)
            }}
          >
            <input
              name="name"
              required
              maxLength={40}
              autoFocus
              aria-label="Name of the view"
              placeholder="Name of the view"
              onKeyDown={(event) => event.key === 'Escape' && setNaming(false)}
              className="h-6 w-40 rounded-6 border border-border-control bg-surface px-2 text-12"
            />
            <Button small type="submit">
              Save
            </Button>
          </form>
        ) : (
          <button type="button" onClick={() => setNaming(true)} className="flex flex-none items-center gap-1.5 px-2 whitespace-nowrap text-text-3 -outline-offset-2 hover:text-text">
            <Icon of={Plus} size={13} />
            Save view
          </button>
        ))}
    </nav>
  )
}
