import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { Avatar } from '@/components/Avatar'
import { Button } from '@/components/Button'
import { cx } from '@/components/cx'
import { Icon } from '@/components/Icon'
import { EntityLink, nameOf } from '@/features/entity/EntityLink'
import { EntityPicker } from '@/features/entity/EntityPicker'
import type { EntityKind, IncidentPartsFragment } from '@/gql/graphql'
import { useShortcuts } from '@/shell/keys'
import { useViewer } from '@/shell/viewer'

type Role = IncidentPartsFragment['roles'][number]
/** Gives a role to a person, to `me`, or to nobody (null). */
type Assign = (role: string, person: string | null) => void
type Props = { roles: Role[]; open: boolean; busy: boolean; onAssign?: Assign }

const titled = (role: string) => role.charAt(0).toUpperCase() + role.slice(1)
const people: EntityKind[] = ['person']
const focus = (field: HTMLElement | null) => field?.focus()
/** Where the button of a role is, to come back to. */
const placeOf = (at: number) => `role-${at}`

/** Who does what in an incident; whoever may respond takes a role, hands it over and gives it back. */
export function Roles({ roles, open, busy, onAssign }: Props) {
  const [chosen, setChosen] = useState<string | null>(null)
  const shown = open ? roles : roles.filter((role) => role.person)
  const current = shown.find(({ role }) => role === chosen)
  useShortcuts(onAssign && shown.length > 0 ? [{ keys: 'r', label: 'Take a role, or hand it over', group: 'Incident', run: () => focus(document.getElementById(placeOf(0))) }] : [])
  if (shown.length === 0) return null
  const close = () => {
    focus(document.getElementById(placeOf(shown.findIndex(({ role }) => role === chosen))))
    setChosen(null)
  }
  return (
    <section aria-label="Roles" className="mt-3 border-t border-border px-5 pt-3 max-sm:px-4">
      <h2 className="sr-only">Roles</h2>
      <ul className="flex flex-wrap items-center gap-x-5 gap-y-1.5 max-sm:flex-col max-sm:items-stretch">
        {shown.map((role, i) => (
          <li key={role.role} className="flex min-h-6 items-center gap-2">
            {onAssign ? (
              <Disclosure id={placeOf(i)} role={role.role} open={chosen === role.role} onToggle={() => setChosen(chosen === role.role ? null : role.role)} />
            ) : (
              <span className="text-text-3">{titled(role.role)}</span>
            )}
            <Holder role={role} />
            {onAssign && !role.person && (
              <Button
                small
                disabled={busy}
                aria-label={`Take the role of ${role.role}`}
                onClick={() => {
                  onAssign(role.role, 'me')
                  focus(document.getElementById(placeOf(i))) // the button goes away
                }}
                className="max-sm:ml-auto"
              >
                Take
              </Button>
            )}
          </li>
        ))}
      </ul>
      {onAssign && current && (
        <Change
          role={current}
          busy={busy}
          onAssign={(role, person) => {
            onAssign(role, person)
            close()
          }}
          onClose={close}
        />
      )}
    </section>
  )
}

function Disclosure({ id, role, open, onToggle }: { id: string; role: string; open: boolean; onToggle: () => void }) {
  return (
    <button id={id} type="button" aria-expanded={open} onClick={onToggle} className="-mx-1 inline-flex min-h-6 items-center gap-1 rounded-6 px-1 text-text-3 hover:bg-hover hover:text-text max-sm:min-h-11">
      {titled(role)}
      <Icon of={ChevronDown} size={12} className={cx(open && 'rotate-180')} />
    </button>
  )
}

function Holder({ role }: { role: Role }) {
  if (!role.person) return <span className="text-text-3">nobody</span>
  const name = role.holder ? nameOf(role.holder) : role.person.replace(/^person:/, '')
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      <Avatar kind="person" name={name} />
      {role.holder ? <EntityLink entity={role.holder} className="link font-medium" /> : <b className="font-medium [overflow-wrap:anywhere]">{name}</b>}
    </span>
  )
}

function Change({ role, busy, onAssign, onClose }: { role: Role; busy: boolean; onAssign: Assign; onClose: () => void }) {
  const me = useViewer()?.viewer.name.toLowerCase()
  const mine = role.person.replace(/^person:/, '').toLowerCase() === me
  return (
    <div role="group" aria-label={`Change the role of ${role.role}`} onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && onClose()} className="mt-2 flex flex-wrap items-center gap-2">
      <EntityPicker
        label={`Who is ${role.role} from now on`}
        placeholder="Hand over to …"
        kinds={people}
        input={focus}
        onPick={(person) => onAssign(role.role, person.ref)}
        className="w-64 max-sm:w-full"
      />
      {role.person && !mine && (
        <Button disabled={busy} onClick={() => onAssign(role.role, 'me')}>
          Take over
        </Button>
      )}
      {role.person && (
        <Button disabled={busy} onClick={() => onAssign(role.role, null)}>
          {mine ? 'Give back' : 'Take away'}
        </Button>
      )}
      <Button look="ghost" onClick={onClose}>
        Cancel
      </Button>
    </div>
  )
}
