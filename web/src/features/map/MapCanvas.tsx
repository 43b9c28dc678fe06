import { Maximize, Minus, Plus, Repeat, ShieldAlert } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { StatusGlyph } from '@/components/shapes'
import { Age } from '@/components/Time'
import { kindIcon } from '@/shell/kindIcon'
import { useKinds } from '@/shell/viewer'
import { age } from '@/time/format'
import { useNow } from '@/time/now'
import { useZones } from '@/time/zones'
import { layOut, line, middle, NODE, towards, widthFor } from './layout'
import { columnWords, type MapData, type MapNode, statusOf, subtitleOf, titleOf, unseen } from './words'

type Props = { map: MapData; focused: boolean; selected: string; way: ReadonlySet<string>; onSelect: (id: string) => void; onCenter: (node: MapNode) => void }

const LEAST = 0.25
const MOST = 1.5

/** The map as a picture that can be moved and enlarged; each node is a button, and the arrow keys go from one to the next. */
export function MapCanvas({ map, focused, selected, way, onSelect, onCenter }: Props) {
  const layout = useMemo(() => layOut(map.nodes, map.edges, focused, widthFor(map.nodes.map(titleOf))), [map.nodes, map.edges, focused])
  const box = useRef<HTMLDivElement>(null)
  // Zero until it is known how much room there is.
  const [measured, setScale] = useState(0)
  const scale = measured || 1
  const now = useNow()
  const { primary } = useZones()

  const fit = useCallback(() => {
    const { clientWidth, clientHeight } = box.current!
    setScale(Math.min(1, Math.max(LEAST, Math.min(clientWidth / layout.width, clientHeight / layout.height))))
  }, [layout])
  // A new map is shown whole where it can be read so; the focus is in the middle where it cannot.
  useLayoutEffect(() => {
    const element = box.current!
    const whole = Math.min(element.clientWidth / layout.width, element.clientHeight / layout.height)
    const first = Math.min(1, Math.max(0.72, whole))
    setScale(first)
    const root = map.nodes.find((node) => node.distance === 0)
    const spot = focused && root ? layout.spots.get(root.id) : undefined
    element.scrollLeft = spot ? (spot.x + spot.width / 2) * first - element.clientWidth / 2 : 0
    element.scrollTop = spot ? (spot.y + NODE.height / 2) * first - element.clientHeight / 2 : 0
  }, [layout, focused, map.nodes])

  // What tells of a chosen node takes room from the map: the node stays in sight, and while it is enlarged, too.
  useEffect(() => {
    if (selected && measured) box.current!.querySelector(`[data-node="${CSS.escape(selected)}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [selected, measured])

  const zoom = (factor: number) => setScale((old) => Math.min(MOST, Math.max(LEAST, old * factor)))
  useEffect(() => {
    const element = box.current!
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      setScale((old) => Math.min(MOST, Math.max(LEAST, old * Math.exp(-event.deltaY / 300))))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [])

  const drag = useDrag(box)
  const keys = (event: KeyboardEvent) => {
    if (!event.key.startsWith('Arrow') || !(event.target instanceof HTMLElement)) return
    const from = event.target.dataset.node
    const next = from && towards(layout.spots, from, event.key)
    if (!next) return
    event.preventDefault()
    box.current!.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus()
  }

  const states = useMemo(() => new Map(map.nodes.map((node) => [node.id, statusOf(node)])), [map.nodes])
  const byPlace = useMemo(
    () =>
      map.nodes.toSorted((a, b) => {
        const [p, q] = [layout.spots.get(a.id)!, layout.spots.get(b.id)!]
        return p.column - q.column || p.row - q.row
      }),
    [map.nodes, layout],
  )
  return (
    <div className="relative min-h-0 min-w-0 flex-1">
      <div
        ref={box}
        tabIndex={-1}
        onKeyDown={keys}
        {...drag}
        className="absolute inset-0 flex cursor-grab touch-pan-x touch-pan-y overflow-auto bg-canvas [background-image:radial-gradient(var(--grid)_1px,transparent_1px)] [background-size:20px_20px] [scrollbar-width:thin] active:cursor-grabbing"
      >
        <div className="relative m-auto flex-none" style={{ width: layout.width * scale, height: layout.height * scale }}>
          <div className="absolute top-0 left-0 origin-top-left" style={{ width: layout.width, height: layout.height, transform: `scale(${scale})` }}>
            {focused &&
              layout.columns.map(({ x, layer }) => (
                <span key={layer} className="absolute top-4 px-0.5 text-12 text-text-3" style={{ left: x }}>
                  {columnWords(layer)}
                </span>
              ))}
            <svg aria-hidden width={layout.width} height={layout.height} className="absolute inset-0 overflow-visible">
              <defs>
                {['border-control', 'text-2', 'crit-solid', 'accent'].map((color) => (
                  <marker key={color} id={`arrow-${color}`} viewBox="0 0 8 8" refX="3" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">
                    <path d="M0 0.5 7 4 0 7.5z" fill={`var(--${color})`} />
                  </marker>
                ))}
              </defs>
              {map.edges.map((edge) => {
                const [from, to] = [layout.spots.get(edge.from), layout.spots.get(edge.to)]
                if (!from || !to) return null
                const hot = edge.from === selected || edge.to === selected
                const onWay = way.has(`${edge.from}>${edge.to}`)
                const failing = states.get(edge.to) !== 'calm'
                const color = onWay ? 'accent' : failing ? 'crit-solid' : hot ? 'text-2' : 'border-control'
                return (
                  <path
                    key={`${edge.from}>${edge.to}`}
                    d={line(from, to)}
                    fill="none"
                    stroke={`var(--${color})`}
                    strokeWidth={onWay ? 2.5 : failing ? 1.75 : Math.min(1.25 + Math.log2(edge.count) * 0.5, 3.5)}
                    strokeDasharray={failing && !onWay ? '6 4' : edge.evidence === 'observed' ? '2 3' : undefined}
                    markerEnd={`url(#arrow-${color})`}
                    opacity={selected && !hot && !onWay ? 0.45 : failing || hot || onWay ? 1 : 0.75}
                  />
                )
              })}
            </svg>
            {map.edges.map((edge) => {
              const [from, to] = [layout.spots.get(edge.from), layout.spots.get(edge.to)]
              const trouble = map.nodes.find((node) => node.id === edge.to)?.trouble
              // Words only where they help: at the focus, or at what is chosen.
              const near = edge.from === selected || edge.to === selected || map.nodes.find((node) => node.id === edge.from)?.distance === 0
              if (!from || !to || !trouble || !near || !focused) return null
              const at = middle(from, to)
              return (
                <span
                  key={`${edge.from}>${edge.to}`}
                  aria-hidden
                  className="absolute -translate-1/2 rounded-4 border border-crit-border bg-surface px-1.5 text-11 whitespace-nowrap text-crit"
                  style={{ left: at.x, top: at.y }}
                >
                  {trouble.kind} {age(Date.parse(trouble.startedAt), now, primary.id)}
                </span>
              )
            })}
            <ul>
              {byPlace.map((node) => {
                const spot = layout.spots.get(node.id)!
                return (
                  <li key={node.id} className="absolute" style={{ left: spot.x, top: spot.y }}>
                    <NodeButton
                      node={node}
                      width={spot.width}
                      focused={focused}
                      selected={node.id === selected}
                      onSelect={onSelect}
                      onCenter={onCenter}
                    />
                  </li>
                )
              })}
            </ul>
          </div>
        </div>
      </div>
      <div className="absolute bottom-3.5 left-3.5 flex overflow-hidden rounded-6 border border-border bg-surface shadow-1">
        {(
          [
            ['Enlarge', Plus, () => zoom(1.25)],
            ['Reduce', Minus, () => zoom(0.8)],
            ['Show all', Maximize, fit],
          ] as const
        ).map(([label, icon, run]) => (
          <button key={label} type="button" aria-label={label} title={label} onClick={run} className="grid size-[30px] place-items-center text-text-2 -outline-offset-2 not-first:border-l not-first:border-border hover:bg-hover">
            <Icon of={icon} />
          </button>
        ))}
      </div>
      <Legend map={map} />
    </div>
  )
}

/** Drags the scroller with the mouse; a finger scrolls it by itself. */
function useDrag(box: React.RefObject<HTMLDivElement | null>) {
  const from = useRef<{ x: number; y: number } | null>(null)
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType !== 'mouse' || event.button !== 0 || (event.target as Element).closest('button')) return
      from.current = { x: event.clientX + box.current!.scrollLeft, y: event.clientY + box.current!.scrollTop }
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    onPointerMove: (event: PointerEvent) => {
      if (from.current) box.current!.scrollTo(from.current.x - event.clientX, from.current.y - event.clientY)
    },
    onPointerUp: () => {
      from.current = null
    },
  }
}

type NodeProps = { node: MapNode; width: number; focused: boolean; selected: boolean; onSelect: (id: string) => void; onCenter: (node: MapNode) => void }

function NodeButton({ node, width, focused, selected, onSelect, onCenter }: NodeProps) {
  const kinds = useKinds()
  const status = statusOf(node)
  const root = focused && node.distance === 0
  return (
    <button
      type="button"
      data-node={node.id}
      aria-pressed={selected}
      title={titleOf(node)}
      onClick={() => onSelect(node.id)}
      onDoubleClick={() => onCenter(node)}
      style={{ width, height: NODE.height }}
      className={cx(
        'flex flex-col justify-center rounded-8 border pr-2 pl-1.5 leading-[18px] shadow-1 hover:border-border-control',
        status === 'crit' && 'border-crit-solid',
        status === 'warn' && 'border-warn-solid',
        status === 'calm' && (root ? 'border-border-control' : 'border-border-strong'),
        root ? 'border-2' : '',
        root && status === 'crit' ? 'bg-crit-weak' : 'bg-surface',
        selected && 'outline-2 outline-offset-1 outline-accent',
        !node.entity && 'shadow-[3px_3px_0_-1px_var(--surface),3px_3px_0_0_var(--border-strong)]',
      )}
    >
      <span className="flex items-center gap-1">
        <StatusGlyph status={status} />
        <span className="min-w-0 flex-1 truncate font-semibold">{titleOf(node)}</span>
        <span className="sr-only">, </span>
        {node.single && <Icon of={ShieldAlert} size={13} className="text-text-3" />}
        {node.circle && <Icon of={Repeat} size={12} stroke={2} className="text-text-3" />}
      </span>
      <span className="flex items-center gap-1 pl-[18px] text-12 text-text-3">
        <span className="min-w-0 flex-1 truncate">
          {node.entity && node.entity.kind !== 'service' && `${node.entity.type || node.entity.kind}, `}
          {subtitleOf(node)}
        </span>
        <span className="sr-only">{unseen(node, focused)} </span>
        {node.change && (
          <span className="flex flex-none items-center gap-1 text-text-2">
            <Icon of={kindIcon(kinds.get(node.change.kind)?.icon)} size={12} />
            <Age ms={Date.parse(node.change.startedAt)} />
          </span>
        )}
      </span>
    </button>
  )
}

function Legend({ map }: { map: MapData }) {
  return (
    <ul aria-label="Legend" className="pointer-events-none absolute right-3.5 bottom-3.5 flex max-w-[calc(100%-140px)] flex-wrap gap-x-4 gap-y-1 rounded-6 border border-border bg-surface px-3 py-1.5 text-12 text-text-2">
      <li className="flex items-center gap-1.5">
        <StatusGlyph status="crit" /> Incident
      </li>
      <li className="flex items-center gap-1.5">
        <StatusGlyph status="warn" /> Alert
      </li>
      <li className="flex items-center gap-1.5">
        <svg width="24" height="4" aria-hidden>
          <path d="M0 2h24" stroke="var(--crit-solid)" strokeWidth="2" strokeDasharray="6 4" />
        </svg>
        Calls what is in trouble
      </li>
      {map.edges.some((edge) => edge.evidence === 'observed') && (
        <li className="flex items-center gap-1.5">
          <svg width="24" height="4" aria-hidden>
            <path d="M0 2h24" stroke="var(--text-3)" strokeWidth="1.5" strokeDasharray="2 3" />
          </svg>
          Seen, not declared
        </li>
      )}
      {map.singlePoints.length > 0 && (
        <li className="flex items-center gap-1.5">
          <Icon of={ShieldAlert} size={13} className="text-text-3" /> Single point
        </li>
      )}
      {map.circles.length > 0 && (
        <li className="flex items-center gap-1.5">
          <Icon of={Repeat} size={12} stroke={2} className="text-text-3" /> In a circle
        </li>
      )}
    </ul>
  )
}
