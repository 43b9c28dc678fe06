import type { EntitySort } from '@/gql/graphql'

/** What a line of the table can say of a service, beside its name. */
export const COLUMNS = {
  tier: { label: 'Tier', sort: 'tier', width: 60, narrow: 48 },
  team: { label: 'Team', sort: 'owner', width: 112, narrow: 112 },
  duty: { label: 'On call', width: 144, narrow: 130 },
  change: { label: 'Last change', sort: 'last_change', width: 0, narrow: 0 },
  language: { label: 'Language', width: 104, narrow: 96 },
  platform: { label: 'Platform', width: 112, narrow: 104 },
  lifecycle: { label: 'Lifecycle', width: 104, narrow: 96 },
  system: { label: 'System', width: 128, narrow: 112 },
  description: { label: 'Description', width: 320, narrow: 240 },
  tags: { label: 'Tags', width: 216, narrow: 216 },
} as const satisfies Record<string, { label: string; sort?: EntitySort; /** In pixels; 0 takes what is left. */ width: number; narrow: number }>

export type Column = keyof typeof COLUMNS
export const ALL_COLUMNS = Object.keys(COLUMNS) as Column[]
export const USUAL_COLUMNS: readonly Column[] = ['tier', 'team', 'duty', 'change', 'tags']

/** The least room of the name and of what takes the rest, in pixels. */
export const NAME_WIDTH = { wide: 252, narrow: 224 }
const REST = 180

/** What is shown: as the URL says, or as usual, without the tags where there is no room. */
export function columnsShown(chosen: readonly Column[] | null, wide: boolean): readonly Column[] {
  return chosen ?? (wide ? USUAL_COLUMNS : USUAL_COLUMNS.filter((column) => column !== 'tags'))
}

export const widthOf = (column: Column, wide: boolean) => COLUMNS[column][wide ? 'width' : 'narrow']

/** What the table needs, in pixels: it scrolls sideways before anything is squeezed. */
export function leastWidth(columns: readonly Column[], wide: boolean): number {
  return columns.reduce((sum, column) => sum + (widthOf(column, wide) || REST), NAME_WIDTH[wide ? 'wide' : 'narrow'])
}

/** The choice with one column more or less, in the order of the table; null where it is the usual one again. */
export function toggled(shown: readonly Column[], column: Column): readonly Column[] | null {
  const next = ALL_COLUMNS.filter((one) => (one === column ? !shown.includes(one) : shown.includes(one)))
  return next.join() === USUAL_COLUMNS.join() ? null : next
}
