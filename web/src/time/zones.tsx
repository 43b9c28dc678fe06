import { useNavigate, useSearch } from '@/router'
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react'
import { stored } from '@/data/stored'
import { validZone, zoneLabel } from './format'

export type Zone = { id: string; label: string }
export type Zones = { primary: Zone; secondary: Zone; swap: () => void }

const preference = stored('zone')
const local = validZone(Intl.DateTimeFormat().resolvedOptions().timeZone) ?? 'UTC'
const utc: Zone = { id: 'UTC', label: 'UTC' }
const zone = (id: string): Zone => (id === 'UTC' ? utc : { id, label: zoneLabel(id) })

const Context = createContext<Zones>({ primary: zone(local), secondary: utc, swap: () => {} })

/** Which two zones the page shows, and which comes first: `tz` of the URL, else the reader's own choice. */
export function ZonesProvider({ children }: { children: ReactNode }) {
  const tz = useSearch().tz
  const [preferred, setPreferred] = useState(preference.get)
  const navigate = useNavigate()

  const named = tz ? validZone(tz) : null
  const first = named ?? (preferred === 'UTC' ? 'UTC' : local)
  const second = first === 'UTC' ? local : 'UTC'

  const swap = useCallback(() => {
    preference.set(second)
    setPreferred(second)
    // A shared link names its zone: the choice replaces it, or it would have no effect.
    if (tz) void navigate({ to: '.', search: (old) => ({ ...old, tz: second }), replace: true })
  }, [second, tz, navigate])

  const value = useMemo(() => ({ primary: zone(first), secondary: zone(second), swap }), [first, second, swap])
  return <Context value={value}>{children}</Context>
}

export function useZones(): Zones {
  return use(Context)
}
