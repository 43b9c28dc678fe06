import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { IconButton } from './Button'
import { cx } from './cx'
import { Icon } from './Icon'

type Props = { title: string; open: boolean; onClose: () => void; side?: 'left' | 'right' | 'middle'; children: ReactNode }

/** A sheet over the page: the browser's own modal dialog, which keeps focus, closes on Esc, and gives focus back. */
export function Drawer({ title, open, onClose, side = 'right', children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const element = dialog.current!
    if (open && !element.open) element.showModal()
    if (!open && element.open) element.close()
  }, [open])
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
      className={cx(
        'fixed m-0 max-h-none overflow-hidden border-border bg-surface p-0 text-text shadow-2 backdrop:bg-scrim',
        side === 'left' && 'inset-y-0 left-0 h-dvh w-[min(280px,85vw)] max-w-none border-r',
        side === 'right' && 'inset-y-0 right-0 left-auto h-dvh w-[min(320px,90vw)] max-w-none border-l',
        side === 'middle' && 'top-[12vh] left-1/2 max-h-[76vh] w-[min(640px,calc(100vw-24px))] max-w-none -translate-x-1/2 rounded-12 border',
      )}
    >
      {open && (
        <div className="flex h-full max-h-[inherit] flex-col">
          <div className="flex h-11 flex-none items-center justify-between border-b border-border pr-2 pl-4 max-sm:h-[52px]">
            <h2 className="text-14">{title}</h2>
            <IconButton label="Close" onClick={onClose}>
              <Icon of={X} size={16} />
            </IconButton>
          </div>
          <div className="scroll-thin min-h-0 flex-1 px-3.5 py-1.5">{children}</div>
        </div>
      )}
    </dialog>
  )
}
