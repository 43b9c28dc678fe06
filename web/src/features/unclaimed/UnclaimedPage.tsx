import { Page } from '@/shell/Page'

export default function UnclaimedPage() {
  return (
    <Page title="Unclaimed" heading>
      <div />
    </Page>
  )
}
