/** What is typed between asking for the palette and its field being there: its code may still be on its way. */
let typed: string | null = null

function key(event: KeyboardEvent) {
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  event.stopPropagation()
  typed += event.key
}

export function keepTyping() {
  if (typed === null) window.addEventListener('keydown', key, true)
  typed ??= ''
}

/** Gives what was kept, and keeps no more. */
export function takeTyped(): string {
  const text = typed ?? ''
  typed = null
  window.removeEventListener('keydown', key, true)
  return text
}
