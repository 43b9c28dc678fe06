import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react'
import { stored } from '@/data/stored'

/**
 * Keyboard shortcuts. Single letters never act while one types, and can be switched off (WCAG 2.1.4); what needs a
 * modifier, and keys such as Escape, always act. `g f` means g, then f within a second.
 */
export type Shortcut = { keys: string; label: string; group: string; run: (event: KeyboardEvent) => void; hidden?: boolean }

const setting = stored('letters')
let lettersOn = setting.get() !== 'off'
const active: (() => readonly Shortcut[])[] = []
const watchers = new Set<() => void>()
let pending: { prefix: string; at: number } | null = null

export const letters = {
  subscribe: (watcher: () => void) => {
    watchers.add(watcher)
    return () => void watchers.delete(watcher)
  },
  on: () => lettersOn,
  set: (on: boolean) => {
    lettersOn = on
    setting.set(on ? null : 'off')
    for (const watcher of watchers) watcher()
  },
}

export const useLetters = () => useSyncExternalStore(letters.subscribe, letters.on)

/** Every shortcut that acts now, for the help sheet; the newest scope first. */
export function activeShortcuts(): Shortcut[] {
  return active.toReversed().flatMap((scope) => scope().filter((s) => !s.hidden))
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['checkbox', 'button'].includes(target.type)
  return target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT'
}

function nameOf(event: KeyboardEvent): string {
  const named = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down', ' ': 'space' }[event.key] ?? event.key
  const letter = named.length === 1 && /[a-z]/i.test(named)
  return letter && event.shiftKey ? `shift+${named.toLowerCase()}` : named.toLowerCase()
}

function onKey(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing || typing(event.target)) return
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (document.querySelector('dialog[open]')) return
  const key = nameOf(event)
  const single = /^(shift\+)?[^\s]$/.test(key)
  if (single && !lettersOn) return

  const prefixed = pending && Date.now() - pending.at < 1000 ? `${pending.prefix} ${key}` : null
  pending = null
  for (const keys of prefixed ? [prefixed, key] : [key]) {
    for (const scope of active.toReversed()) {
      const all = scope()
      const found = all.find((s) => s.keys.split(', ').includes(keys))
      if (found) {
        event.preventDefault()
        found.run(event)
        return
      }
    }
  }
  const starts = active.some((scope) => scope().some((s) => s.keys.startsWith(`${key} `)))
  if (starts) pending = { prefix: key, at: Date.now() }
}

/** Registers shortcuts while the component is on the page; later registrations win. */
export function useShortcuts(shortcuts: readonly Shortcut[]) {
  const latest = useRef(shortcuts)
  useLayoutEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    const scope = () => latest.current
    if (active.length === 0) window.addEventListener('keydown', onKey)
    active.push(scope)
    return () => {
      active.splice(active.indexOf(scope), 1)
      if (active.length === 0) window.removeEventListener('keydown', onKey)
    }
  }, [])
}
