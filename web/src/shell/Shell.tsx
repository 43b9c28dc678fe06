import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@/router'
import { Box, Phone, Rss, Search, Siren } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { Drawer } from '@/components/Drawer'
import { showCut, tellCut } from '@/components/cut'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { live, useLiveState } from '@/data/live'
import { useZones, ZonesProvider } from '@/time/zones'
import { ShellContext } from './context'
import { useShortcuts } from './keys'
import { keepShared } from './search'
import { Sidebar } from './Sidebar'
import { Troubles } from './Troubles'
import { keepTyping } from './typing'

const Help = lazy(() => import('./Help'))

type Props = { children: ReactNode; /** Searches and commands: what it knows of the nouns is not the shell's. */ palette: (onClose: () => void) => ReactNode }

export function Shell({ children, palette }: Props) {
  return (
    <ZonesProvider>
      <Frame palette={palette}>{children}</Frame>
    </ZonesProvider>
  )
}

function Frame({ children, palette }: Props) {
  const [menu, setMenu] = useState(false)
  const [help, setHelp] = useState(false)
  const [searching, setSearching] = useState(false)
  const search = () => {
    keepTyping()
    setSearching(true)
  }
  const { swap } = useZones()
  const navigate = useNavigate()
  const go = (to: string) => () => void navigate({ to, search: keepShared })

  useShortcuts([
    { keys: 'g f', label: 'Go to the feed', group: 'Go', run: go('/feed') },
    { keys: 'g s', label: 'Go to services', group: 'Go', run: go('/services') },
    { keys: 'g m', label: 'Go to the map', group: 'Go', run: go('/map') },
    { keys: 'g i', label: 'Go to incidents', group: 'Go', run: go('/incidents') },
    { keys: 'g t', label: 'Go to teams', group: 'Go', run: go('/teams') },
    { keys: 'g o', label: 'Go to who is on call', group: 'Go', run: go('/on-call') },
    { keys: 'g u', label: 'Go to unclaimed names', group: 'Go', run: go('/unclaimed') },
    { keys: 'z', label: 'Swap time zones', group: 'Everywhere', run: swap },
    { keys: '?', label: 'This help', group: 'Everywhere', run: () => setHelp(true) },
  ])

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey) return
      event.preventDefault()
      if (document.querySelector('dialog[open]')) return
      keepTyping()
      setSearching(true)
    }
    window.addEventListener('keydown', key)
    return () => window.removeEventListener('keydown', key)
  }, [])
  useEffect(() => {
    document.addEventListener('pointerover', showCut)
    return () => document.removeEventListener('pointerover', showCut)
  }, [])
  useEffect(tellCut, [])
  useEffect(() => {
    live.start()
    return () => live.stop()
  }, [])
  useRefreshAfterOutage()

  return (
    <ShellContext value={{ openMenu: () => setMenu(true), openPalette: search }}>
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-6 bg-accent-solid px-3 py-1.5 text-on-accent focus:translate-y-0"
        onClick={(event) => {
          event.preventDefault()
          document.getElementById('main')?.focus()
        }}
      >
        Skip to the content
      </a>
      <div className="grid h-dvh grid-cols-[208px_minmax(0,1fr)] overflow-hidden max-lg:grid-cols-[minmax(0,1fr)] max-sm:grid-rows-[minmax(0,1fr)_auto]">
        <div className="min-h-0 max-lg:hidden">
          <Sidebar onHelp={() => setHelp(true)} />
        </div>
        <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-col border-l border-border bg-surface outline-none focus-visible:rounded-none max-lg:border-l-0">
          {children}
        </main>
        <TabBar onSearch={search} />
      </div>
      <MenuDrawer open={menu} onClose={() => setMenu(false)} onHelp={() => setHelp(true)} />
      {searching && <Suspense fallback={null}>{palette(() => setSearching(false))}</Suspense>}
      {help && (
        <Suspense fallback={null}>
          <Help onClose={() => setHelp(false)} />
        </Suspense>
      )}
    </ShellContext>
  )
}

function MenuDrawer({ open, onClose, onHelp }: { open: boolean; onClose: () => void; onHelp: () => void }) {
  return (
    <Drawer title="Menu" side="left" open={open} onClose={onClose}>
      <div
        className="-mx-3.5 -my-1.5 h-full"
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest('a')) onClose()
        }}
      >
        <Sidebar
          onHelp={() => {
            onClose()
            onHelp()
          }}
        />
      </div>
    </Drawer>
  )
}

const tab =
  'flex min-h-11 flex-col items-center justify-center gap-0.5 text-11 leading-[14px] text-text-3 aria-[current=page]:font-medium aria-[current=page]:text-accent'

function TabBar({ onSearch }: { onSearch: () => void }) {
  return (
    <nav
      aria-label="Sections"
      className="grid grid-cols-5 border-t border-border bg-surface px-1 pt-1.5 pb-[max(8px,env(safe-area-inset-bottom))] sm:hidden"
    >
      <Link to="/feed" search={keepShared} className={tab}>
        <Icon of={Rss} size={21} />
        Feed
      </Link>
      <Link to="/services" search={keepShared} className={tab}>
        <Icon of={Box} size={21} />
        Services
      </Link>
      <Link to="/incidents" search={keepShared} className={cx(tab, 'relative')}>
        <Icon of={Siren} size={21} />
        Incidents
        <Troubles className="absolute -top-0.5 left-1/2 ml-1" />
      </Link>
      <button type="button" className={tab} onClick={onSearch}>
        <Icon of={Search} size={21} />
        Search
      </button>
      <Link to="/on-call" search={keepShared} className={tab}>
        <Icon of={Phone} size={21} />
        On call
      </Link>
    </nav>
  )
}

/** What was missed while the stream was down is fetched once it is back. */
function useRefreshAfterOutage() {
  const queries = useQueryClient()
  const { phase } = useLiveState()
  const down = useRef(false)
  useEffect(() => {
    if (phase === 'offline' || phase === 'paused') down.current = true
    else if (phase === 'live' && down.current) {
      down.current = false
      void queries.invalidateQueries()
    }
  }, [phase, queries])
}
