/** Words that do not fit show themselves whole to who points at them, whichever part cut them; those that fit need no tooltip. */
export function showCut({ target }: PointerEvent) {
  const cut = target instanceof Element ? target.closest<HTMLElement>('.truncate') : null
  if (!cut || cut.scrollWidth <= cut.clientWidth || cut.closest('[title]')) return
  cut.title = cut.textContent
  // The words may be others the next time.
  cut.addEventListener('pointerleave', () => cut.removeAttribute('title'), { once: true })
}

/** How long a finger rests before it asks. */
export const HOLD = 450
/** What hangs beside a thing and tells more of it. */
export const BUBBLE = 'pointer-events-none fixed z-50 max-w-[min(420px,calc(100vw-16px))] rounded-8 border border-border-strong bg-raised px-3 py-2 text-[12.5px] leading-5 shadow-2'

/** From the first key or finger on they are told to those as well: the code of it waits for that. Gives back how to stop. */
export function tellCut(): () => void {
  const waiting = new AbortController()
  let end = () => waiting.abort()
  const begin = (event: Event) => {
    if (event instanceof PointerEvent && event.pointerType === 'mouse') return
    waiting.abort()
    void import('./tips').then(({ tellHidden }) => (end = tellHidden()))
  }
  for (const type of ['keydown', 'pointerdown']) document.addEventListener(type, begin, { signal: waiting.signal })
  return () => end()
}
