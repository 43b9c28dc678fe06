import { useSyncExternalStore } from 'react'

/** Secrets that were just made, by source. They are in this tab alone, until somebody says that they were kept. */
const made = new Map<string, string>()
const watchers = new Set<() => void>()

export const secrets = {
  show: (source: string, secret: string) => change(() => made.set(source, secret)),
  forget: (source: string) => change(() => made.delete(source)),
}

function change(run: () => void) {
  run()
  for (const watcher of watchers) watcher()
}

/** The secret that was just made for a source; undefined as a rule. */
export function useMadeSecret(source: string): string | undefined {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    () => made.get(source),
  )
}
