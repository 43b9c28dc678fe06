import { Page } from '@/shell/Page'

export default function ServiceRoute() {
  return (
    <Page title="Service" heading>
      <div />
    </Page>
  )
}
