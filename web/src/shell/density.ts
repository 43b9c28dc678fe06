import { useSyncExternalStore } from 'react'
import { stored } from '@/data/stored'

/** How close the lines of tables stand: a matter of the reader, not of the page that is shown. */
export type Density = 'usual' | 'compact'

const setting = stored('density')
const watchers = new Set<() => void>()
let density: Density = setting.get() === 'compact' ? 'compact' : 'usual'

export function setDensity(next: Density) {
  density = next
  setting.set(next === 'usual' ? null : next)
  for (const watcher of watchers) watcher()
}

function watch(watcher: () => void) {
  watchers.add(watcher)
  return () => void watchers.delete(watcher)
}

export const useDensity = () => useSyncExternalStore(watch, () => density)
