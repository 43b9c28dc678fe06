import { Button } from '@/components/Button'
import { Checkbox, Switch } from '@/components/controls'
import { Drawer } from '@/components/Drawer'
import { setDensity, useDensity } from '@/shell/density'
import { ALL_COLUMNS, COLUMNS, type Column, toggled } from './columns'
import type { Change } from './useCatalogUrl'

type Props = { shown: readonly Column[]; usual: boolean; onChange: Change; onClose: () => void }

/** Which columns there are, in the URL, and how close the lines stand, in this browser. */
export default function Columns({ shown, usual, onChange, onClose }: Props) {
  const density = useDensity()
  return (
    <Drawer title="Columns" open onClose={onClose}>
      <fieldset className="py-1">
        <legend className="mb-1 text-12 text-text-3">What a line says beside the name</legend>
        {ALL_COLUMNS.map((column) => (
          <label key={column} className="flex min-h-7 items-center gap-2 max-sm:min-h-11">
            <Checkbox checked={shown.includes(column)} onChange={() => onChange({ cols: toggled(shown, column) })} />
            {COLUMNS[column].label}
          </label>
        ))}
      </fieldset>
      <Button small disabled={usual} onClick={() => onChange({ cols: null })}>
        As usual
      </Button>
      <p className="mt-2 text-12 text-text-3">The columns are part of the address, of a copied link, and of a saved view.</p>
      <div className="mt-3 border-t border-border pt-3">
        <Switch on={density === 'compact'} onChange={(on) => setDensity(on ? 'compact' : 'usual')}>
          Compact lines
        </Switch>
        <p className="mt-1 text-12 text-text-3">Kept in this browser.</p>
      </div>
    </Drawer>
  )
}
