/** Words that do not fit show themselves whole to who points at them, whichever part cut them; those that fit need no tooltip. */
export function showCut({ target }: PointerEvent) {
  const cut = target instanceof Element ? target.closest<HTMLElement>('.truncate') : null
  if (!cut || cut.scrollWidth <= cut.clientWidth || cut.closest('[title]')) return
  cut.title = cut.textContent
  // The words may be others the next time.
  cut.addEventListener('pointerleave', () => cut.removeAttribute('title'), { once: true })
}
