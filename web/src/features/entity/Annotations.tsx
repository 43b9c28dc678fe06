import { FileCode } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { Button } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { navigate, useSearch } from '@/router'
import { FORMS, formOf } from './annotations'

const load = () => import('./AnnotationsDialog')
const Dialog = lazy(load)

/** The address says whether the annotations are open, and in which form. */
function show(dialog: string | undefined, replace: boolean) {
  navigate({ to: '.', replace, search: ({ dialog: _, ...rest }) => (dialog ? { ...rest, dialog } : rest) })
}

/** The way to what describes an entity, in a cluster and in a repository. */
export function AnnotationsButton() {
  return (
    <Button small look="ghost" className="mt-3 -ml-2 max-sm:-ml-3" onPointerEnter={load} onFocus={load} onClick={() => show(FORMS[0].id, false)}>
      <Icon of={FileCode} size={13} className="text-text-3" />
      Generate config
    </Button>
  )
}

/** The annotations of an entity, when the address asks for them. */
export function Annotations({ entity }: { entity: { ref: string; name: string } }) {
  const form = formOf(useSearch().dialog)
  if (!form) return null
  return (
    <Suspense fallback={null}>
      <Dialog entity={entity} form={form} onForm={(id) => show(id, true)} onClose={() => show(undefined, true)} />
    </Suspense>
  )
}
