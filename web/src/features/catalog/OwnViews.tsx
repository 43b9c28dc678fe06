import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { Link } from '@/router'
import { useUrl } from '@/shell/search'
import { isOwnView, removeOwnView, saveOwnView, searchOf, useOwnViews } from './views'

/** The views that this reader saved, and a way to save what is shown. */
export default function OwnViews({ plain }: { /** Whether what is shown is a view of ours, with nothing to save. */ plain: boolean }) {
  const url = useUrl()
  const views = useOwnViews()
  const [naming, setNaming] = useState(false)
  const known = views.some(({ query }) => isOwnView(query, url))
  return (
    <>
      {views.map(({ name, query }) => {
        const on = isOwnView(query, url)
        return (
          <span key={name} className="flex flex-none items-center">
            <Link to="/services" search={(old) => searchOf(query, old)} aria-current={on ? 'page' : undefined} className={cx('flex h-full items-center px-2 whitespace-nowrap -outline-offset-2 max-sm:h-[34px]', on ? 'border-b-2 border-accent font-medium text-text' : 'text-text-2 hover:text-text')}>
              {name}
            </Link>
            {on && (
              <button type="button" aria-label={`Remove the view ${name}`} onClick={() => removeOwnView(name)} className="grid size-6 place-items-center rounded-6 text-text-3 hover:bg-hover">
                <Icon of={X} size={12} stroke={2} />
              </button>
            )}
          </span>
        )
      })}
      {!plain &&
        !known &&
        (naming ? (
          <form
            className="flex flex-none items-center gap-1.5 px-2"
            onSubmit={(event) => {
              event.preventDefault()
              saveOwnView(String(new FormData(event.currentTarget).get('name')), url)
              setNaming(false)
            }}
          >
            <input name="name" required maxLength={40} autoFocus aria-label="Name of the view" placeholder="Name of the view" onKeyDown={(event) => event.key === 'Escape' && setNaming(false)} className="h-6 w-40 rounded-6 border border-border-control bg-surface px-2 text-12" />
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
    </>
  )
}
