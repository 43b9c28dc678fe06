import { Link } from '@/router'
import { Maximize2, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { IconButton } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { CopyButton } from '@/components/states'
import { keepShared } from '@/shell/search'
import { EventDetail } from './EventDetail'

type Props = { id: string; onClose: () => void; onOpen: (id: string) => void }

/** One change beside the list it was reached from. It is no dialog: the list stays in use. */
export default function EventPanel({ id, onClose, onOpen }: Props) {
  const box = useRef<HTMLElement>(null)
  const link = `${location.origin}/e/${encodeURIComponent(id)}`
  useEffect(() => {
    // Reached by keyboard, the panel is read next; the list keeps the place to return to.
    if (document.activeElement?.closest('[data-row]')) box.current?.focus({ preventScroll: true })
  }, [id])
  return (
    <aside
      ref={box}
      tabIndex={-1}
      aria-label="Change"
      className="fixed inset-y-0 right-0 z-20 flex w-[min(480px,100vw)] flex-col border-l border-border bg-surface shadow-2 outline-none max-sm:w-screen max-sm:border-l-0"
    >
      <div className="flex h-11 flex-none items-center gap-1 border-b border-border pr-3 pl-5 max-sm:h-[52px] max-sm:pl-4">
        <span className="mr-auto font-medium">Change</span>
        <CopyButton text={link} label="Copy link" look="plain" />
        <Link
          to="/e/$event"
          params={{ event: id }}
          search={keepShared}
          aria-label="Open as a page"
          title="Open as a page"
          className="grid size-6 place-items-center rounded-6 text-text-3 hover:bg-hover hover:text-text max-sm:size-11"
        >
          <Icon of={Maximize2} />
        </Link>
        <IconButton label="Close" onClick={onClose}>
          <Icon of={X} size={16} />
        </IconButton>
      </div>
      <div className="scroll-thin min-h-0 flex-1 px-5 py-4 max-sm:px-4">
        <EventDetail id={id} onOpen={onOpen} />
      </div>
    </aside>
  )
}
