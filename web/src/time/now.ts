import { useSyncExternalStore } from 'react'

// One clock for the page: every age moves together, each 15 seconds, and only text changes.
const STEP = 15_000

let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

function tick() {
  now = Date.now()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(tick, STEP)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** The present, in milliseconds, as it was at most 15 seconds ago. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** Moves every clock on the page to the true present; called when fresh rows arrive, so that none lies ahead of it. */
export function touchNow() {
  if (Date.now() - now > 1000) tick()
}
