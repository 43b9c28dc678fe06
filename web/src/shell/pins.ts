import { useSyncExternalStore } from 'react'
import { storedList } from '@/data/stored'

const pins = storedList('pins')

/** The services that this reader keeps at hand, by name. */
export function usePins(): readonly string[] {
  return useSyncExternalStore(pins.subscribe, pins.get)
}

export function togglePin(name: string) {
  const now = pins.get()
  pins.set(now.includes(name) ? now.filter((pin) => pin !== name) : [...now, name])
}
