import { type CSSProperties, type ReactElement, type ReactNode, cloneElement, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { BUBBLE, HOLD } from './cut'

type Handlers = {
  'aria-describedby'?: string
  onPointerEnter?: (event: { currentTarget: Element; pointerType: string }) => void
  onPointerLeave?: (event: { pointerType: string }) => void
  onFocus?: (event: { currentTarget: Element }) => void
  onBlur?: () => void
}

const DELAY = 250

/**
 * More about one element, on hover after a moment, under a resting finger, and on keyboard focus at once. Esc closes it, and
 * so does a touch elsewhere. The child must pass its props on to a focusable element.
 */
export function Tooltip({ content, children }: { content: () => ReactNode; children: ReactElement<Handlers> }) {
  const id = useId()
  const [anchor, setAnchor] = useState<Element | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const close = () => {
    clearTimeout(timer.current)
    setAnchor(null)
  }
  useEffect(() => () => clearTimeout(timer.current), [])

  return (
    <>
      {cloneElement(children, {
        'aria-describedby': anchor ? id : undefined,
        onPointerEnter: ({ currentTarget, pointerType }) => {
          clearTimeout(timer.current)
          timer.current = setTimeout(() => setAnchor(currentTarget), pointerType === 'mouse' ? DELAY : HOLD)
        },
        // A finger that is lifted has not been read yet.
        onPointerLeave: ({ pointerType }) => (pointerType === 'mouse' ? close() : clearTimeout(timer.current)),
        onFocus: ({ currentTarget }) => {
          if (currentTarget.matches(':focus-visible')) setAnchor(currentTarget)
        },
        onBlur: close,
      })}
      {anchor && (
        <Bubble id={id} anchor={anchor} onClose={close}>
          {content()}
        </Bubble>
      )}
    </>
  )
}

function Bubble({ id, anchor, onClose, children }: { id: string; anchor: Element; onClose: () => void; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<CSSProperties>({ left: 0, top: 0, visibility: 'hidden' })

  useLayoutEffect(() => {
    const at = anchor.getBoundingClientRect()
    const own = box.current!.getBoundingClientRect()
    const below = at.bottom + 6 + own.height <= innerHeight
    setPlace({
      left: Math.max(8, Math.min(at.left, innerWidth - own.width - 8)),
      top: below ? at.bottom + 6 : Math.max(8, at.top - own.height - 6),
    })
  }, [anchor])

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        event.stopPropagation()
        onClose()
      }
    }
    document.addEventListener('keydown', key, true)
    document.addEventListener('scroll', onClose, true)
    document.addEventListener('pointerdown', onClose, true)
    return () => {
      document.removeEventListener('pointerdown', onClose, true)
      document.removeEventListener('keydown', key, true)
      document.removeEventListener('scroll', onClose, true)
    }
  })

  return createPortal(
    <div
      ref={box}
      id={id}
      role="tooltip"
      style={place}
      className={BUBBLE}
    >
      {children}
    </div>,
    document.body,
  )
}
