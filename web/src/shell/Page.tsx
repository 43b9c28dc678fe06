import { useQueryClient } from '@tanstack/react-query'
import { Link, useLocation, useNavigate } from '@/router'
import type { PlainPath } from '@/router/paths'
import { ChevronDown, ChevronLeft, ChevronRight, Globe, Link2, Menu } from 'lucide-react'
import { Fragment, type ReactNode, use, useEffect, useState } from 'react'
import { Button, IconButton } from '@/components/Button'
import { copyText } from '@/components/copy'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { Banner } from '@/components/states'
import { live, useLiveState } from '@/data/live'
import { clock, exactSpan } from '@/time/format'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'
import { freeze, joinList, splitList, stringifySearch } from '@/url/search'
import { useShortcuts } from './keys'
import { keepShared, useUrl } from './search'
import { ShellContext } from './context'
import { useViewer } from './viewer'

export type Crumb = { label: string; to: PlainPath }

type Props = {
  /** The name of the page: the end of the breadcrumbs, and the tab's title. */
  title: string
  /** Whether the breadcrumbs hold the h1; false when the page has its own. */
  heading?: boolean
  count?: number
  /** What stands before the name in the tab: "●" while something is wrong. */
  mark?: string
  crumbs?: Crumb[]
  /** The relative start of the window that the page shows when the URL names none: it is frozen into a copied link. */
  defaultFrom?: string
  /** Whether the page can be narrowed to an environment. */
  environments?: boolean
  /** Buttons for the phone's bar. */
  phoneActions?: ReactNode
  children: ReactNode
}

/** The frame of every screen: where one is, the link to it, the environment, the clock, and whether it is live. */
export function Page({ title, heading, count, mark, crumbs = [], defaultFrom, environments = true, phoneActions, children }: Props) {
  const { openMenu } = use(ShellContext)
  const data = useViewer()
  const organisation = data?.viewer.organisation
  useEffect(() => {
    document.title = `${mark ? `${mark} ` : ''}${title} · ${organisation || 'Tidings'}`
  }, [title, mark, organisation])
  const Name = heading ? 'h1' : 'b'
  const back = crumbs.at(-1)
  return (
    <>
      <header className="flex h-11 flex-none items-center gap-3 border-b border-border px-4 max-sm:h-[52px] max-sm:gap-2.5 max-sm:pr-4 max-sm:pl-2">
        <IconButton label="Menu" className="max-sm:hidden lg:hidden" onClick={openMenu}>
          <Icon of={Menu} size={16} />
        </IconButton>
        {back ? (
          <Link to={back.to} search={keepShared} aria-label={`Back to ${back.label}`} className="grid size-11 flex-none place-items-center text-text-2 sm:hidden">
            <Icon of={ChevronLeft} size={22} />
          </Link>
        ) : (
          <button type="button" aria-label="Menu" onClick={openMenu} className="grid size-11 flex-none place-items-center text-text-2 sm:hidden">
            <Icon of={Menu} size={20} />
          </button>
        )}
        <nav aria-label="Breadcrumbs" className="flex min-w-0 flex-1 items-center gap-1.5 whitespace-nowrap text-text-3">
          {crumbs.map((crumb) => (
            <Fragment key={crumb.to}>
              <Link to={crumb.to} search={keepShared} className="py-0.5 hover:text-text max-sm:hidden">
                {crumb.label}
              </Link>
              <Icon of={ChevronRight} size={13} className="max-sm:hidden" />
            </Fragment>
          ))}
          <Name aria-current="page" className="truncate font-medium text-text max-sm:text-[17px] max-sm:font-semibold max-sm:tracking-[-0.015em]">
            {title}
          </Name>
          {count !== undefined && <span className="text-[12.5px]">{count.toLocaleString('en')}</span>}
        </nav>
        <div className="flex flex-none items-center gap-2.5">
          <CopyLink defaultFrom={defaultFrom} />
          {environments && <EnvPicker />}
          {phoneActions && <span className="flex sm:hidden">{phoneActions}</span>}
          <ZoneClock />
          <LiveDot />
        </div>
      </header>
      <ConnectionBanner />
      {children}
    </>
  )
}

function useFrozenLink(defaultFrom?: string) {
  const location = useLocation()
  const url = useUrl()
  const { primary } = useZones()
  return () => {
    const { sel, ...rest } = freeze(url, Date.now(), primary.id, defaultFrom)
    return `${window.location.origin}${location.pathname}${stringifySearch(sel ? { ...rest, sel } : rest)}`
  }
}

function CopyLink({ defaultFrom }: { defaultFrom?: string }) {
  const [done, setDone] = useState(false)
  const link = useFrozenLink(defaultFrom)
  const copy = () => void copyText(link()).then(setDone)
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), 2000)
    return () => clearTimeout(timer)
  }, [done])
  useShortcuts([{ keys: 'shift+c', label: 'Copy a link to exactly this', group: 'Everywhere', run: copy }])
  return (
    <Button look="ghost" small className="max-sm:hidden" onClick={copy}>
      <Icon of={Link2} className="text-text-3" />
      <span aria-live="polite" className="max-lg:sr-only">
        {done ? 'Link copied' : 'Copy link'}
      </span>
    </Button>
  )
}

/** Narrows the page to one environment. The whole list of the filter is in the facets; this is the quick way. */
function EnvPicker() {
  const environments = useViewer()?.viewer.environments ?? []
  const url = useUrl()
  const navigate = useNavigate()
  const chosen = splitList(url.env)
  const options = [...new Set([...environments, ...chosen])]
  if (options.length === 0) return null
  const value = chosen.length > 1 ? 'several' : (chosen[0] ?? '')
  return (
    <label className="relative flex h-[26px] items-center gap-1.5 rounded-6 border border-border px-2 text-text-2 hover:bg-hover max-sm:hidden">
      <Icon of={Globe} />
      <span className="sr-only">Environment</span>
      <select
        value={value}
        onChange={(event) => {
          const env = joinList(event.target.value ? [event.target.value] : [])
          void navigate({ to: '.', search: (old) => ({ ...old, env }) })
        }}
        className="h-full max-w-36 appearance-none truncate bg-transparent pr-4.5 text-text-2 [field-sizing:content]"
      >
        <option value="">All environments</option>
        {chosen.length > 1 && (
          <option value="several" disabled>
            {chosen.length} environments
          </option>
        )}
        {options.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <Icon of={ChevronDown} size={12} stroke={2} className="pointer-events-none absolute right-2 text-text-3" />
    </label>
  )
}

/** The present in both zones; pressing one puts it first everywhere. */
function ZoneClock() {
  const { primary, secondary, swap } = useZones()
  const now = useNow()
  const same = primary.id === secondary.id
  // The place of each is fixed, so that a press moves the mark and not the clocks.
  const zones = same ? [primary] : primary.id === 'UTC' ? [secondary, primary] : [primary, secondary]
  return (
    <>
      <div role="group" aria-label="Time zone" className="flex h-[26px] overflow-hidden rounded-6 border border-border text-12 max-sm:hidden">
        {zones.map((zone) => (
          <button
            key={zone.id}
            type="button"
            aria-pressed={zone.id === primary.id}
            onClick={() => zone.id !== primary.id && swap()}
            className={cx(
              'whitespace-nowrap px-[9px] -outline-offset-2 not-first:border-l not-first:border-border',
              zone.id === primary.id ? 'bg-hover text-text' : 'text-text-3',
            )}
          >
            <b className="font-medium">{clock(now, zone.id)}</b> <span className="max-lg:sr-only">{zone.label}</span>
          </button>
        ))}
      </div>
      <button type="button" onClick={swap} className="min-h-11 text-right text-13 leading-4 sm:hidden">
        <b className="block font-medium">
          {clock(now, primary.id)}
          {primary.id === 'UTC' && 'Z'}
        </b>
        {!same && (
          <span className="block text-12 text-text-3">
            {clock(now, secondary.id)}
            {secondary.id === 'UTC' && 'Z'}
          </span>
        )}
        <span className="sr-only">Swap time zones</span>
      </button>
    </>
  )
}

const liveWords = { connecting: 'Connecting', live: 'Live', paused: 'Paused', offline: 'Offline' }

/** Whether what is on the page keeps itself up to date. */
function LiveDot() {
  const state = useLiveState()
  return (
    <span role="status" className="flex items-center gap-1.5 text-12 text-text-2 max-sm:hidden">
      <span
        aria-hidden
        className={cx(
          'size-[7px] flex-none rounded-full forced-color-adjust-none',
          state.phase === 'live' && 'bg-ok-solid shadow-[0_0_0_3px_color-mix(in_srgb,var(--ok-solid)_18%,transparent)]',
          state.phase === 'offline' && 'border-[1.5px] border-warn-solid',
          (state.phase === 'connecting' || state.phase === 'paused') && 'border-[1.5px] border-text-3',
        )}
      />
      {liveWords[state.phase]}
    </span>
  )
}

function ConnectionBanner() {
  const state = useLiveState()
  if (state.phase !== 'offline') return null
  return <Offline since={state.since} retryAt={state.retryAt} />
}

function Offline({ since, retryAt }: { since: number; retryAt: number }) {
  const { primary } = useZones()
  const queries = useQueryClient()
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  const wait = retryAt - Date.now()
  return (
    <Banner
      action={
        <Button
          small
          onClick={() => {
            live.retry()
            void queries.refetchQueries({ type: 'active' })
          }}
        >
          Try now
        </Button>
      }
    >
      <b>Offline since {clock(since, primary.id)}.</b>{' '}
      <span aria-hidden>{wait > 500 ? `Trying again in ${exactSpan(wait + 500)}.` : 'Trying again.'}</span>
    </Banner>
  )
}
