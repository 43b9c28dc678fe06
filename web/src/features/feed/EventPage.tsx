import { useParams } from '@/router'
import { Page } from '@/shell/Page'
import { EventDetail } from './EventDetail'

/** The permalink of one change. */
export default function EventPage() {
  const { event } = useParams()
  return (
    <Page title="Change" heading crumbs={[{ label: 'Feed', to: '/feed' }]} environments={false}>
      <div className="scroll-thin min-h-0 flex-1">
        <div className="mx-auto max-w-[760px] px-5 py-6 max-sm:px-4 max-sm:py-4">
          <EventDetail id={event ?? ''} />
        </div>
      </div>
    </Page>
  )
}
