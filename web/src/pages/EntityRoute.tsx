import { Page } from '@/shell/Page'

export default function EntityRoute() {
  return (
    <Page title="Entity" heading>
      <div />
    </Page>
  )
}
