import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ListTree, Waypoints } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { cx } from '@/components/cx'
import { Button } from '@/components/Button'
import { Switch } from '@/components/controls'
import { Icon } from '@/components/Icon'
import { useMedia } from '@/components/media'
import { Bar, EmptyState, ErrorState, Loading } from '@/components/states'
import { request } from '@/data/client'
import { EntityPicker } from '@/features/entity/EntityPicker'
import { MapDocument } from '@/gql/graphql'
import { useNavigate } from '@/router'
import { useEntityCommand } from '@/shell/commands'
import { useShortcuts } from '@/shell/keys'
import { useUrl } from '@/shell/search'
import { useNow } from '@/time/now'
import { MapCanvas } from './MapCanvas'
import { MapInspector, MapSummary, usePaths } from './MapInspector'
import { MapTable, MapTree } from './MapList'
import { decode, encode, HOPS, type MapParams, variables, type Way, WINDOWS } from './params'
import type { MapData, MapNode } from './words'

const WAYS: Record<Way, string> = { both: 'Both', callers: 'Calls it', calls: 'It calls' }
const windowWords: Record<string, string> = { '-1h': 'the last hour', '-24h': 'the last 24 hours', '-7d': 'the last 7 days' }

/** The map of everything, or around what is in focus. `service` fixes the focus, on the page of that service. */
export function MapView({ service }: { service?: string }) {
  const url = useUrl()
  const navigate = useNavigate()
  const text = JSON.stringify(url)
  const params = useMemo(() => decode(JSON.parse(text), service), [text, service])
  const phone = useMedia('(width < 640px)')
  const list = params.list ?? phone
  const now = useNow()
  const asked = variables(params, list, now)
  const query = useQuery({
    queryKey: ['map', asked],
    queryFn: async ({ signal }) => (await request(MapDocument, asked, signal)).map,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })
  const change = (next: Partial<MapParams>, replace = false) => navigate({ to: '.', search: (old) => encode(old, next), replace })
  const center = (node: MapNode) => {
    const ref = node.entity?.ref ?? node.owner?.ref
    if (!ref) return
    if (service) navigate({ to: '/map', search: (old) => encode(old, { focus: [ref], sel: '' }) })
    else change({ focus: [ref], sel: '', to: '' })
  }
  const picker = useRef<HTMLInputElement>(null)
  const [about, setAbout] = useState(false)
  useShortcuts([
    { keys: '/', label: 'Search the map', group: 'Map', run: () => picker.current?.focus() },
    { keys: 'l', label: 'Picture or list', group: 'Map', run: () => change({ list: !list }) },
    { keys: 'escape', label: 'Close the inspector', group: 'Map', run: () => change({ sel: '' }, true) },
  ])
  return (
    <>
      <div className="flex flex-none flex-wrap items-center gap-2 border-b border-border px-4 py-2">
        {!service && (
          <EntityPicker
            label="What the map is about"
            placeholder="Service, team, system, resource"
            input={picker}
            value={params.focus.map((ref) => ref.replace(/^\w+:/, '')).join(', ')}
            onPick={(entity) => change({ focus: [entity.ref], sel: '', to: '' })}
            onClear={() => change({ focus: [], sel: '', to: '' })}
            className="w-56 max-sm:w-full"
          />
        )}
        {params.focus.length > 0 && (
          <>
            <Choice label="Steps" options={HOPS.map((n) => [String(n), n === 10 ? 'All' : String(n)])} value={String(params.hops)} onChange={(hops) => change({ hops: Number(hops) })} shown />
            <Choice label="Direction" options={Object.entries(WAYS)} value={params.way} onChange={(way) => change({ way: way as Way })} />
          </>
        )}
        <span className="flex-1" />
        <label className="flex items-center gap-1.5 text-[12.5px] text-text-2">
          Changes in
          <select
            value={params.from}
            onChange={(event) => change({ from: event.target.value })}
            className="h-[26px] rounded-6 border border-border bg-surface px-1.5 text-text max-sm:h-9"
          >
            {[...new Set([...WINDOWS, params.from])].map((from) => (
              <option key={from} value={from}>
                {windowWords[from] ?? `since ${from}`}
              </option>
            ))}
          </select>
        </label>
        {!list && (query.data?.total ?? 0) > 40 && (
          <Switch on={params.grouped} onChange={(grouped) => change({ grouped })}>
            By team
          </Switch>
        )}
        {!list && (
          <Button small look="ghost" aria-expanded={about} className="max-sm:hidden xl:hidden" onClick={() => setAbout(!about)}>
            About
          </Button>
        )}
        <Choice
          label="Show as"
          options={[
            ['map', 'Map'],
            ['list', 'List'],
          ]}
          icons={{ map: Waypoints, list: ListTree }}
          value={list ? 'list' : 'map'}
          onChange={(view) => change({ list: view === 'list' })}
        />
      </div>
      {query.isPending && (
        <Loading what="the map">
          <div className="p-5">
            <Bar width="30%" />
            <Bar width="50%" />
            <Bar width="40%" />
          </div>
        </Loading>
      )}
      {query.isError && !query.data && <ErrorState title="The map could not be loaded" error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Drawn map={query.data} params={params} list={list} about={about} phone={phone} onChange={change} onCenter={center} />}
    </>
  )
}

type DrawnProps = { map: MapData; params: MapParams; list: boolean; /** Whether what is beside the map is wanted where there is little room. */ about: boolean; phone: boolean; onChange: (next: Partial<MapParams>, replace?: boolean) => void; onCenter: (node: MapNode) => void }

function Drawn({ map, params, list, about, phone, onChange, onCenter }: DrawnProps) {
  const command = useEntityCommand('service', 'checkout', { depends_on: ['service:payments'] })
  const focused = params.focus.length > 0
  const selected = map.nodes.find((node) => node.id === params.sel)
  const root = focused ? map.nodes.find((node) => node.distance === 0)?.entity : undefined
  const from = selected?.entity ?? root ?? undefined
  const paths = usePaths(from?.ref, params.to)
  const way = useMemo(() => {
    const steps = new Set<string>()
    for (const { stops } of paths.data?.paths ?? []) stops.slice(1).forEach((stop, i) => steps.add(`${stops[i]!.ref}>${stop.ref}`))
    return steps
  }, [paths.data])
  if (map.nodes.length === 0) {
    return (
      <EmptyState title="Nothing depends on anything yet" command={command}>
        The map is drawn from what descriptors declare (depends_on, consumes) and what is seen in traffic. A first dependency is declared so:
      </EmptyState>
    )
  }
  const alone = focused && map.edges.length === 0
  const summary = <MapSummary map={map} from={from} to={params.to} onTo={(to) => onChange({ to })} />
  const left = map.left > 0 && (
    <p role="status" className="border-b border-border bg-sunken px-5 py-1.5 text-text-2">
      {focused
        ? `${map.left.toLocaleString('en')} more are left out: narrow the focus.`
        : `What is in trouble is here, and what the most depends on; ${map.left.toLocaleString('en')} others are left out. Search for one to see what is around it.`}
    </p>
  )
  if (list) {
    return (
      <div className="scroll-thin min-h-0 flex-1 overflow-x-auto pb-6">
        {left}
        {alone && <Alone />}
        {phone ? <MapTree map={map} focused={focused} /> : <MapTable map={map} focused={focused} />}
        <div className="max-w-[640px] px-5 max-sm:px-4">{summary}</div>
      </div>
    )
  }
  return (
    <>
      {left}
      {alone && <Alone />}
      <div className="flex min-h-0 flex-1">
        <MapCanvas map={map} focused={focused} selected={params.sel} way={way} onSelect={(sel) => onChange({ sel: sel === params.sel ? '' : sel }, params.sel !== '')} onCenter={onCenter} />
        <aside aria-label={selected ? 'Chosen' : 'About this map'} className={cx('flex w-[286px] flex-none flex-col border-l border-border max-sm:hidden', !selected && !about && 'max-xl:hidden')}>
          {selected ? (
            <MapInspector node={selected} map={map} onSelect={(sel) => onChange({ sel }, true)} onCenter={onCenter} onClose={() => onChange({ sel: '' }, true)} />
          ) : (
            <div className="scroll-thin min-h-0 flex-1 px-4 pb-4">{summary}</div>
          )}
        </aside>
      </div>
      {selected && (
        <div className="flex flex-none items-center gap-2 border-t border-border px-4 py-2 sm:hidden">
          <b className="min-w-0 flex-1 truncate">{selected.entity?.name ?? selected.owner?.name}</b>
          <Button small onClick={() => onCenter(selected)}>
            Centre here
          </Button>
        </div>
      )}
    </>
  )
}

function Alone() {
  return <p className="border-b border-border bg-sunken px-5 py-1.5 text-text-2">Nothing is known that it depends on, and nothing that depends on it.</p>
}

type ChoiceProps = { label: string; options: readonly (readonly [string, string])[]; icons?: Record<string, typeof Waypoints>; value: string; onChange: (value: string) => void; shown?: boolean }

function Choice({ label, options, icons, value, onChange, shown }: ChoiceProps) {
  return (
    <div role="group" aria-label={label} className="flex h-[26px] flex-none overflow-hidden rounded-6 border border-border text-[12.5px] max-sm:h-10">
      {shown && <span className="flex items-center px-2.5 text-text-3">{label}</span>}
      {options.map(([key, words]) => (
        <button
          key={key}
          type="button"
          aria-pressed={value === key}
          onClick={() => onChange(key)}
          className={cx('flex items-center gap-1.5 px-2.5 -outline-offset-2', value === key ? 'bg-accent-weak font-medium text-accent' : 'text-text-2 hover:bg-hover')}
        >
          {icons?.[key] && <Icon of={icons[key]} size={13} />}
          {words}
        </button>
      ))}
    </div>
  )
}
