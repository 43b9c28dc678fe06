import { ErrorState } from '@/components/states'
import { Page } from './Page'

/** A page that broke. After an update the old page may ask for files that are gone: loading it anew mends that. */
export function RouteError({ error: thrown, reset }: { error: unknown; reset: () => void }) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const stale = /dynamically imported module|Importing a module script failed/i.test(error.message)
  return (
    <Page title="Something broke" heading environments={false}>
      <ErrorState
        title={stale ? 'Tidings was updated' : 'This page could not be shown'}
        error={stale ? new Error('The page has to be loaded again.') : error}
        onRetry={stale ? () => location.reload() : reset}
      />
    </Page>
  )
}
