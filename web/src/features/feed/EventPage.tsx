import { Page } from '@/shell/Page'

export default function EventPage() {
  return (
    <Page title="Event" heading>
      <div />
    </Page>
  )
}
