import { Link } from '@/router'
import { buttonClass } from '@/components/Button'
import { EmptyState } from '@/components/states'
import { Page } from './Page'

export function NotFound() {
  return (
    <Page title="Nothing here" heading environments={false}>
      <EmptyState
        title="There is no page at this address"
        actions={
          <Link to="/feed" className={buttonClass('plain', true)}>
            Go to the feed
          </Link>
        }
      >
        The link may be cut short, or lead to a screen that this version does not have.
      </EmptyState>
    </Page>
  )
}
