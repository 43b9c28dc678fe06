import { instant, joinList, type Search, splitList } from '@/url/search'

export type Way = 'both' | 'callers' | 'calls'
export type MapParams = {
  focus: string[]
  hops: number
  way: Way
  /** How far back changes are marked: `-1h`, or an instant. */
  from: string
  list: boolean | null
  /** Whether what is not in focus stands together by team where there is much of it. */
  grouped: boolean
  sel: string
  /** Where the paths from the focus lead. */
  to: string
  env: string[]
}

export const HOPS = [1, 2, 3, 10] as const
export const WINDOWS = ['-1h', '-24h', '-7d'] as const
export const MAP_FROM = '-24h'
/** As many as are drawn by themselves before they are grouped, and as many as are drawn at all. */
const GROUP_BEYOND = 40
const MOST = 1000

export function decode(url: Search, service?: string): MapParams {
  const hops = Number(url.hops)
  return {
    focus: service ? [`service:${service}`] : splitList(url.focus),
    hops: HOPS.includes(hops as 1) ? hops : 2,
    way: url.way === 'callers' || url.way === 'calls' ? url.way : 'both',
    from: url.from ?? MAP_FROM,
    list: url.view === 'list' ? true : url.view === 'map' ? false : null,
    grouped: url.grouped !== 'no',
    sel: url.sel ?? '',
    to: url.path ?? '',
    env: splitList(url.env),
  }
}

export function encode(old: Search, change: Partial<MapParams>): Search {
  const next = { ...old }
  if (change.focus) next.focus = joinList(change.focus)
  if (change.hops !== undefined) next.hops = change.hops === 2 ? undefined : String(change.hops)
  if (change.way) next.way = change.way === 'both' ? undefined : change.way
  if (change.from) next.from = change.from === MAP_FROM ? undefined : change.from
  if (change.list !== undefined) next.view = change.list === null ? undefined : change.list ? 'list' : 'map'
  if (change.grouped !== undefined) next.grouped = change.grouped ? undefined : 'no'
  if (change.sel !== undefined) next.sel = change.sel || undefined
  if (change.to !== undefined) next.path = change.to || undefined
  return next
}

/** What is asked of the server. A list has everything by itself. */
export function variables(params: MapParams, list: boolean, now: number) {
  // To the minute, so that a page that is drawn again asks the same.
  const since = instant(params.from, Math.floor(now / 60_000) * 60_000)
  return {
    focus: params.focus,
    direction: params.way,
    depth: params.hops,
    groupBeyond: params.grouped && !list ? GROUP_BEYOND : MOST,
    since: since === null ? undefined : new Date(since).toISOString(),
    environments: params.env,
  }
}
