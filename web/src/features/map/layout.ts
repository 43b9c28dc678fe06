/**
 * Places the nodes of a map in columns, left to right in the direction of the arrows, so that few arrows cross and each
 * node stands near those it is joined to. It knows only ids, so that it can be tested, and the same map always looks
 * the same.
 */
export type Spot = { x: number; y: number; width: number; column: number; row: number }
export type Layout = { spots: Map<string, Spot>; columns: { x: number; layer: number }[]; width: number; height: number }

type Node = { id: string; distance: number }
type Edge = { from: string; to: string }

export const NODE = { width: 176, height: 50 }
/** A letter of a name at its widest on average, and what stands beside the name. */
const LETTER = 7.4
const BESIDE = 50
const WIDEST = 280
/** Between columns, where there are many to be seen at once less. */
const GAP = { x: 64, tight: 36, y: 22 }
const MANY_COLUMNS = 5
const MARGIN = { x: 24, top: 52, bottom: 64 }
const SWEEPS = 12

/** How wide nodes are that are called so: no name is cut. */
export function widthFor(names: readonly string[]): number {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0)
  return Math.min(WIDEST, Math.max(NODE.width, longest * LETTER + BESIDE))
}

/** Where each node stands. With a focus the columns are the steps from it; without one, what calls stands left of what is called. */
export function layOut(nodes: readonly Node[], edges: readonly Edge[], focused: boolean, width = NODE.width): Layout {
  const layers = focused ? new Map(nodes.map((node) => [node.id, node.distance])) : ranks(nodes, edges)
  const tall = Math.max(14, Math.ceil(Math.sqrt(nodes.length) * 1.3))
  const near = neighbours(nodes, edges)
  const columns = order(nodes, layers, near).flatMap(({ layer, ids }) => fold(ids, tall).map((part) => ({ layer, ids: part })))
  const gap = columns.length >= MANY_COLUMNS ? GAP.tight : GAP.x
  return place(columns, near, gap, width)
}

function neighbours(nodes: readonly Node[], edges: readonly Edge[]): Map<string, string[]> {
  const near = new Map<string, string[]>(nodes.map((node) => [node.id, []]))
  for (const { from, to } of edges) {
    near.get(from)?.push(to)
    near.get(to)?.push(from)
  }
  return near
}

/** The longest way to each node, over the arrows that close no circle. */
function ranks(nodes: readonly Node[], edges: readonly Edge[]): Map<string, number> {
  const out = new Map<string, string[]>(nodes.map((node) => [node.id, []]))
  const into = new Map<string, number>(nodes.map((node) => [node.id, 0]))
  for (const { from, to } of edges) {
    if (!out.has(from) || !out.has(to) || from === to) continue
    out.get(from)!.push(to)
    into.set(to, into.get(to)! + 1)
  }
  const rank = new Map<string, number>()
  const waiting = new Map(into)
  const done = new Set<string>()
  // Whoever waits for nobody comes next. Where all wait for each other, one that something leads to already does, then the
  // one that calls most and is called least.
  const pull = (id: string) => (rank.has(id) ? nodes.length * 4 : 0) + out.get(id)!.length - waiting.get(id)!
  const first = nodes.filter((node) => waiting.get(node.id) === 0).map((node) => node.id)
  while (done.size < nodes.length) {
    let id = first.shift()
    if (id === undefined) {
      const left = nodes.filter((node) => !done.has(node.id))
      id = left.reduce((best, node) => (pull(node.id) > pull(best.id) ? node : best)).id
    }
    if (done.has(id)) continue
    done.add(id)
    const own = rank.get(id) ?? 0
    rank.set(id, own)
    for (const to of out.get(id)!) {
      if (done.has(to)) continue
      rank.set(to, Math.max(rank.get(to) ?? 0, own + 1))
      waiting.set(to, waiting.get(to)! - 1)
      if (waiting.get(to) === 0) first.push(to)
    }
  }
  return rank
}

/** Sorts each layer by where its neighbours stand, to and fro, until little crosses. */
function order(nodes: readonly Node[], layers: ReadonlyMap<string, number>, near: ReadonlyMap<string, string[]>) {
  const byLayer = new Map<number, string[]>()
  for (const { id } of nodes) {
    const layer = layers.get(id)!
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), id])
  }
  const sorted = [...byLayer].sort(([a], [b]) => a - b).map(([layer, ids]) => ({ layer, ids }))
  const at = new Map<string, number>()
  const note = (ids: readonly string[]) => ids.forEach((id, i) => at.set(id, (i + 0.5) / ids.length))
  for (const { ids } of sorted) note(ids)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const { layer, ids } of sweep % 2 ? sorted.toReversed() : sorted) {
      const pull = new Map(
        ids.map((id) => {
          const others = near.get(id)!.filter((other) => layers.get(other) !== layer)
          return [id, others.length ? others.reduce((sum, other) => sum + at.get(other)!, 0) / others.length : at.get(id)!]
        }),
      )
      ids.sort((a, b) => pull.get(a)! - pull.get(b)! || at.get(a)! - at.get(b)!)
      note(ids)
    }
  }
  return sorted
}

/** A layer that would be too tall stands in several columns. */
function fold(ids: readonly string[], tall: number): string[][] {
  const parts = Math.ceil(ids.length / tall)
  const size = Math.ceil(ids.length / parts)
  return Array.from({ length: parts }, (_, i) => ids.slice(i * size, (i + 1) * size))
}

function place(columns: { layer: number; ids: string[] }[], near: ReadonlyMap<string, string[]>, gap: number, width: number): Layout {
  const least = NODE.height + GAP.y
  const tallest = Math.max(1, ...columns.map(({ ids }) => ids.length))
  const height = Math.max(tallest * least - GAP.y, 9 * least)
  const step = Math.min(least * 1.7, (height + GAP.y) / tallest)
  const y = new Map<string, number>()
  for (const { ids } of columns) ids.forEach((id, row) => y.set(id, height / 2 + (row - (ids.length - 1) / 2) * step))
  // Each is drawn towards its neighbours, and keeps its place in the column.
  for (let turn = 0; turn < 6; turn++) {
    for (const { ids } of turn % 2 ? columns.toReversed() : columns) {
      const wanted = ids.map((id) => {
        const others = near.get(id)!
        return others.length ? others.reduce((sum, other) => sum + y.get(other)!, 0) / others.length : y.get(id)!
      })
      spread(wanted, step, NODE.height / 2, height - NODE.height / 2).forEach((value, i) => y.set(ids[i]!, value))
    }
  }
  const spots = new Map<string, Spot>()
  const heads: { x: number; layer: number }[] = []
  columns.forEach(({ layer, ids }, column) => {
    const x = MARGIN.x + column * (width + gap)
    if (heads.at(-1)?.layer !== layer) heads.push({ x, layer })
    ids.forEach((id, row) => spots.set(id, { x, y: Math.round(MARGIN.top + y.get(id)! - NODE.height / 2), width, column, row }))
  })
  return {
    spots,
    columns: heads,
    width: 2 * MARGIN.x + columns.length * (width + gap) - gap,
    height: MARGIN.top + height + MARGIN.bottom,
  }
}

/** The places nearest to the wanted ones, in their order and at least a step apart, within bounds. */
export function spread(wanted: readonly number[], step: number, low: number, high: number): number[] {
  const down: number[] = []
  wanted.forEach((value, i) => down.push(Math.max(value, i ? down[i - 1]! + step : low)))
  const up: number[] = []
  for (let i = wanted.length - 1; i >= 0; i--) up[i] = Math.min(wanted[i]!, i < wanted.length - 1 ? up[i + 1]! - step : high)
  // Halfway between the two the order and the distance hold; each also leaves room for those before and after it.
  return down.map((value, i) => Math.min(Math.max((value + up[i]!) / 2, low + i * step), high - (wanted.length - 1 - i) * step))
}

/** The nearest node in a direction, for the arrow keys. */
export function towards(spots: ReadonlyMap<string, Omit<Spot, 'width'>>, from: string, key: string): string | null {
  const here = spots.get(from)
  if (!here) return null
  let best: string | null = null
  let least = Infinity
  for (const [id, spot] of spots) {
    const dx = spot.x - here.x
    const dy = spot.y - here.y
    const ahead = { ArrowLeft: -dx, ArrowRight: dx, ArrowUp: -dy, ArrowDown: dy }[key] ?? 0
    const aside = key === 'ArrowLeft' || key === 'ArrowRight' ? Math.abs(dy) : Math.abs(dx)
    if (id === from || ahead <= 0) continue
    const cost = ahead + aside * (key === 'ArrowLeft' || key === 'ArrowRight' ? 0.5 : 4)
    if (cost < least) {
      least = cost
      best = id
    }
  }
  return best
}

/** The line of an arrow from the right side of one node to the left side of another. */
export function line(from: Spot, to: Spot): string {
  const y1 = from.y + NODE.height / 2
  const y2 = to.y + NODE.height / 2
  if (from.column < to.column) {
    const [x1, x2] = [from.x + from.width, to.x - 5]
    const bend = Math.min(90, Math.max(24, (x2 - x1) * 0.55))
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
  }
  // Back, or within its column: around the right side of both.
  const [x1, x2] = [from.x + from.width, to.x + to.width + 5]
  const out = Math.max(x1, x2) + 34
  return `M${x1} ${y1 + 9}C${out} ${y1 + 9} ${out} ${y2 - 9} ${x2} ${y2 - 9}`
}

/** The middle of such a line, where its words stand. */
export function middle(from: Spot, to: Spot): { x: number; y: number } {
  if (from.column < to.column) return { x: (from.x + from.width + to.x) / 2, y: (from.y + to.y + NODE.height) / 2 }
  return { x: Math.max(from.x + from.width, to.x + to.width) + 26, y: (from.y + to.y + NODE.height) / 2 }
}
