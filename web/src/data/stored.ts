/** A string kept in this browser. A browser that forbids storage just forgets. */
export function stored(name: string) {
  const key = `tidings.${name}`
  return {
    get: (): string | null => {
      try {
        return localStorage.getItem(key)
      } catch {
        return null
      }
    },
    set: (value: string | null) => {
      try {
        if (value === null) localStorage.removeItem(key)
        else localStorage.setItem(key, value)
      } catch {
        // Nothing is lost that the page cannot do without.
      }
    },
  }
}

/** A list of strings kept in this browser, as an external store for React. */
export function storedList(name: string) {
  const slot = stored(name)
  const listeners = new Set<() => void>()
  const read = (): string[] => {
    try {
      const value: unknown = JSON.parse(slot.get() ?? '[]')
      return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : []
    } catch {
      return []
    }
  }
  let value = read()
  const refresh = () => {
    value = read()
    for (const listener of listeners) listener()
  }
  const otherTab = (event: StorageEvent) => {
    if (event.key === `tidings.${name}`) refresh()
  }
  return {
    get: () => value,
    set: (next: string[]) => {
      slot.set(JSON.stringify(next))
      value = next
      for (const listener of listeners) listener()
    },
    subscribe: (listener: () => void) => {
      if (listeners.size === 0) window.addEventListener('storage', otherTab)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) window.removeEventListener('storage', otherTab)
      }
    },
  }
}
