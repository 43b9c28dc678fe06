import { useSyncExternalStore } from 'react'
import { stored } from '@/data/stored'

export type Theme = 'system' | 'light' | 'dark'

const setting = stored('theme')
const watchers = new Set<() => void>()
const valid = (text: string | null): Theme => (text === 'light' || text === 'dark' ? text : 'system')
let theme = valid(setting.get())

export const CONTRASTS = ['system', 'usual', 'more'] as const
export type Contrast = (typeof CONTRASTS)[number]
const contrasts = stored('contrast')
let contrast: Contrast = CONTRASTS.find((c) => c === contrasts.get()) ?? 'system'

export function setContrast(next: Contrast) {
  contrast = next
  contrasts.set(next === 'system' ? null : next)
  applyTheme()
  for (const watcher of watchers) watcher()
}

export const useContrast = () => useSyncExternalStore(watch, () => contrast)

// The page opens with what was chosen: public/appearance.js reads the same two before the first paint.
function applyTheme() {
  if (contrast === 'system') delete document.documentElement.dataset.contrast
  else document.documentElement.dataset.contrast = contrast
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function setTheme(next: Theme) {
  theme = next
  setting.set(next === 'system' ? null : next)
  applyTheme()
  for (const watcher of watchers) watcher()
}

function watch(watcher: () => void) {
  watchers.add(watcher)
  return () => void watchers.delete(watcher)
}

export const useTheme = () => useSyncExternalStore(watch, () => theme)
