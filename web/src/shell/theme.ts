import { useSyncExternalStore } from 'react'
import { stored } from '@/data/stored'

export type Theme = 'system' | 'light' | 'dark'

const setting = stored('theme')
const watchers = new Set<() => void>()
const valid = (text: string | null): Theme => (text === 'light' || text === 'dark' ? text : 'system')
let theme = valid(setting.get())

export function applyTheme() {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function setTheme(next: Theme) {
  theme = next
  setting.set(next === 'system' ? null : next)
  applyTheme()
  for (const watcher of watchers) watcher()
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    () => theme,
  )
}
