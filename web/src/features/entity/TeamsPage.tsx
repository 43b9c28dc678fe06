import { Page } from '@/shell/Page'

export default function TeamsPage() {
  return (
    <Page title="Teams" heading>
      <div />
    </Page>
  )
}
