import { Page } from '@/shell/Page'

/** The global feed. */
export default function FeedPage() {
  return (
    <Page title="Feed" heading defaultFrom="-24h">
      <div />
    </Page>
  )
}
