import type { EntityRefFragment, ShiftFragment } from '@/gql/graphql'

type Duty = EntityRefFragment & { onCall: readonly ShiftFragment[]; nextOnCall: readonly ShiftFragment[] }
export type Shift = { role: string; from: string | null; until: string | null; next: boolean; of: EntityRefFragment[] }

/** The shifts of a person, those of now first and then by their beginning; one that is the same for several entities once. */
export function shiftsOf(person: string, teams: readonly (Duty & { owns: readonly Duty[] })[]): Shift[] {
  const found = new Map<string, Shift>()
  for (const entity of teams.flatMap((team) => [team, ...team.owns])) {
    for (const next of [false, true]) {
      for (const shift of next ? entity.nextOnCall : entity.onCall) {
        if (shift.person?.ref !== person) continue
        const { role } = shift
        const [from, until] = [next ? (shift.from ?? null) : null, shift.until ?? null]
        const key = [next, role, from, until].join(' ')
        const known = found.get(key) ?? { role, from, until, next, of: [] }
        if (!known.of.some(({ ref }) => ref === entity.ref)) known.of.push(entity)
        found.set(key, known)
      }
    }
  }
  return [...found.values()].sort((a, b) => Number(a.next) - Number(b.next) || (a.from ?? '').localeCompare(b.from ?? ''))
}
