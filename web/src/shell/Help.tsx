import { useState } from 'react'
import { Checkbox } from '@/components/controls'
import { Drawer } from '@/components/Drawer'
import { Kbd } from '@/components/Badge'
import { activeShortcuts, letters, type Shortcut, useLetters } from './keys'

/** What acts without being a shortcut of the page: the frame's own, and those of every list. */
const ALWAYS: Shortcut[] = [
  { keys: 'Ctrl+K', label: 'Search and commands', group: 'Everywhere' },
  { keys: 'enter', label: 'Open what has the focus', group: 'Everywhere' },
  { keys: 'escape', label: 'Close, and go back to where one was', group: 'Everywhere' },
].map((key) => ({ ...key, run: () => {} }))

const names: Record<string, string> = { left: '←', right: '→', up: '↑', down: '↓', enter: 'Enter', escape: 'Esc', pagedown: 'PgDn', pageup: 'PgUp' }

/** Every shortcut that acts on the page below, and the switch that turns single letters off. */
export default function Help({ onClose }: { onClose: () => void }) {
  // As they were when the sheet opened: the sheet itself adds none.
  const [shortcuts] = useState(() => [...activeShortcuts(), ...ALWAYS])
  const on = useLetters()
  const groups = [...new Set(shortcuts.map((s) => s.group))]
  return (
    <Drawer title="Keyboard shortcuts" side="middle" open onClose={onClose}>
      <div className="grid gap-x-8 pb-2 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group} className="py-2">
            <h3 className="mb-1 text-12 font-medium text-text-3">{group}</h3>
            <dl>
              {shortcuts
                .filter((s) => s.group === group)
                .map((s) => (
                  <div key={s.keys} className="flex h-7 items-center justify-between gap-4">
                    <dt className="order-first truncate text-text-2">{s.label}</dt>
                    <dd className="flex gap-2 [&_kbd]:inline-flex">
                      {s.keys.split(', ').map((combo) => (
                        <span key={combo} className="flex gap-0.5">
                          {combo.split(/[ +]/).map((key) => (
                            <Kbd key={key}>{names[key] ?? (key === 'shift' ? 'Shift' : key)}</Kbd>
                          ))}
                        </span>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="flex items-center gap-2 border-t border-border py-3 text-text-2">
        <Checkbox checked={on} onChange={(event) => letters.set(event.target.checked)} />
        Single letters are shortcuts
      </label>
    </Drawer>
  )
}
