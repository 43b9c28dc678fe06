import { Box, CircleHelp, Inbox, Monitor, Moon, Phone, Plug, Rss, Search, Siren, Sun, Users, Waypoints } from 'lucide-react'
import { Link } from '@/router'
import type { PlainPath } from '@/router/paths'
import type { LucideIcon } from 'lucide-react'
import { type ReactNode, use } from 'react'
import { Avatar } from '@/components/Avatar'
import { IconButton } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { StatusGlyph } from '@/components/shapes'
import { Kbd } from '@/components/Badge'
import { Logo } from './Logo'
import { usePins } from './pins'
import { keepShared } from './search'
import { ShellContext } from './context'
import { Silent } from './Silent'
import { Troubles } from './Troubles'
import { type Theme, setTheme, useTheme } from './theme'
import { useViewer } from './viewer'

const row =
  'flex h-7 items-center gap-[9px] rounded-6 px-2 text-text-2 hover:bg-hover max-lg:h-10 ' +
  'aria-[current=page]:bg-selected aria-[current=page]:font-medium aria-[current=page]:text-accent'

function Entry({ to, icon, count, mark, children }: { to: PlainPath; icon: LucideIcon; count?: number; mark?: ReactNode; children: ReactNode }) {
  return (
    <Link to={to} search={keepShared} className={`group ${row}`}>
      <Icon of={icon} size={16} className="text-text-3 group-aria-[current=page]:text-accent" />
      <span className="flex-1 truncate">{children}</span>
      {count !== undefined && <span className="text-[11.5px] text-text-3">{count.toLocaleString('en')}</span>}
      {mark}
    </Link>
  )
}

/** Where one can go. It names only screens that exist. */
export function Sidebar({ onHelp }: { onHelp: () => void }) {
  const data = useViewer()
  const pins = usePins()
  const count = (kind: string) => data?.viewer.counts.find((c) => c.kind === kind)?.count
  const unclaimed = data?.unclaimed.total
  const { openPalette } = use(ShellContext)
  return (
    <nav aria-label="Main" className="flex h-full min-h-0 flex-col gap-px bg-canvas p-2">
      <div className="mb-2 flex h-8 flex-none items-center gap-2 px-2">
        <Logo />
        <b className="truncate">{data?.viewer.organisation || 'Tidings'}</b>
      </div>
      <button type="button" onClick={openPalette} className="mb-3 flex h-[30px] flex-none items-center gap-2 rounded-[7px] border border-border bg-surface px-2 text-text-3 hover:bg-hover max-lg:h-10">
        <Icon of={Search} />
        <span className="flex-1">Search</span>
        <Kbd>Ctrl K</Kbd>
      </button>
      <div className="scroll-thin min-h-0 flex-1">
        <div className="mb-3 flex flex-col gap-px">
          <Entry to="/feed" icon={Rss}>
            Feed
          </Entry>
          <Entry to="/services" icon={Box} count={count('service')}>
            Services
          </Entry>
          <Entry to="/map" icon={Waypoints}>
            Map
          </Entry>
          <Entry to="/incidents" icon={Siren} mark={<Troubles />}>
            Incidents
          </Entry>
        </div>
        <div className="mb-3 flex flex-col gap-px">
          <Entry to="/teams" icon={Users} count={count('team')}>
            Teams
          </Entry>
          <Entry to="/on-call" icon={Phone}>
            On call
          </Entry>
          <Entry to="/unclaimed" icon={Inbox} count={unclaimed || undefined}>
            Unclaimed
          </Entry>
        </div>
        {pins.length > 0 && (
          <>
            <h2 className="mt-0.5 mb-1 px-2 text-[11.5px] font-normal text-text-3">Pinned</h2>
            <div className="flex flex-col gap-px">
              {pins.map((name) => (
                <Link key={name} to="/s/$service" params={{ service: name }} search={keepShared} className={row}>
                  <span className="grid w-4 place-items-center">
                    <StatusGlyph status="calm" />
                  </span>
                  <span className="flex-1 truncate" title={name}>
                    {name}
                  </span>
                </Link>
              ))}
            </div>
          </>
        )}
      </div>
      <Entry to="/settings/sources" icon={Plug} mark={<Silent />}>
        Sources
      </Entry>
      <Foot onHelp={onHelp} />
    </nav>
  )
}

const themes: Record<Theme, { next: Theme; icon: LucideIcon; label: string }> = {
  system: { next: 'light', icon: Monitor, label: 'Colours follow the system. Change to light' },
  light: { next: 'dark', icon: Sun, label: 'Light colours. Change to dark' },
  dark: { next: 'system', icon: Moon, label: 'Dark colours. Follow the system' },
}

function Foot({ onHelp }: { onHelp: () => void }) {
  const viewer = useViewer()?.viewer
  const theme = themes[useTheme()]
  return (
    <div className="mt-1 flex-none border-t border-border px-2 pt-2 pb-1 leading-[15px]">
      <div className="flex items-center gap-[9px]">
        <Link to="/settings/me" search={keepShared} title="Settings" className="flex min-w-0 flex-1 items-center gap-[9px] rounded-6 hover:text-accent aria-[current=page]:text-accent">
          {viewer && <Avatar kind={viewer.kind === 'person' || viewer.noLogin ? 'person' : 'automation'} name={viewer.name} size={24} />}
          <b className="min-w-0 flex-1 truncate font-medium">{viewer?.name || 'Settings'}</b>
        </Link>
        <span className="-mr-1 flex">
          <IconButton label={theme.label} onClick={() => setTheme(theme.next)}>
            <Icon of={theme.icon} />
          </IconButton>
          <IconButton label="Keyboard shortcuts" onClick={onHelp}>
            <Icon of={CircleHelp} />
          </IconButton>
        </span>
      </div>
      {viewer?.noLogin && <p className="mt-1.5 text-[11.5px] text-text-3">Login is off: everyone here is the administrator.</p>}
    </div>
  )
}
