import type { ReactNode } from 'react'
import { Link, useLocation } from '@/router'
import type { PlainPath } from '@/router/paths'
import { type Crumb, Page } from '@/shell/Page'
import { keepShared } from '@/shell/search'
import { useMay } from '@/shell/viewer'

const tab =
  'flex h-9 min-w-6 items-center border-b-2 border-transparent text-text-2 hover:text-text aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-accent max-sm:h-11'

function Tab({ to, within, children }: { to: PlainPath; within?: boolean; children: ReactNode }) {
  return (
    <Link to={to} search={keepShared} {...(within && { 'aria-current': 'page' })} className={tab}>
      {children}
    </Link>
  )
}

const SOURCES = [{ label: 'Sources', to: '/settings/sources' }] as const satisfies Crumb[]

/** The frame of the settings: which there are, for those who may see them. */
export function Settings({ title, count, within = false, children }: { title: string; count?: number; within?: boolean; children: ReactNode }) {
  const people = useMay('people.read')
  const operates = useMay('deliveries.read')
  const { pathname } = useLocation()
  return (
    <Page title={title} heading count={count} environments={false} crumbs={within ? SOURCES : undefined}>
      <nav aria-label="Settings" className="flex flex-none gap-5 overflow-x-auto border-b border-border px-5 max-sm:gap-4 max-sm:px-4">
        <Tab to="/settings/me">You</Tab>
        <Tab to="/settings/tokens">Tokens</Tab>
        <Tab to="/settings/sources" within={/^\/settings\/(sources|new-source)/.test(pathname)}>
          Sources
        </Tab>
        <Tab to="/settings/chat">Chat</Tab>
        {operates && <Tab to="/settings/jobs">Jobs</Tab>}
        {people && <Tab to="/settings/people">People</Tab>}
      </nav>
      <div className="scroll-thin min-h-0 flex-1 pb-8">{children}</div>
    </Page>
  )
}

export function Section({ title, note, action, children }: { title: string; note?: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="px-5 pt-5 max-sm:px-4">
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1.5">
        <h2 className="text-14 font-semibold">{title}</h2>
        {action && <span className="ml-auto flex gap-2">{action}</span>}
      </div>
      {note && <p className="mb-2 max-w-[68ch] text-text-2">{note}</p>}
      {children}
    </section>
  )
}

export const inputClass = 'h-7 min-w-0 rounded-6 border border-border-control bg-surface px-2 text-[12.5px] max-sm:h-9 max-sm:text-14'
