import type { Page, Route } from 'playwright-core'
import type { Server } from './server'

/** The instant at which the pictures are taken: three in the morning in Berlin, eight minutes after the page. */
export const NIGHT = Date.parse('2026-06-11T01:03:00Z')

/** An event of the example, and how long before its loading it was. */
const KNOWN = { source: 'pagerduty', q: 'INC-467', ago: ((167 * 60 + 48) * 60 + 30) * 1000 }

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g

function shifted(text: string, by: number): string {
  return text.replace(INSTANT, (found) => new Date(Date.parse(found) + by).toISOString().replace(/\.000Z$/, 'Z'))
}

/**
 * The example tells of times before its loading, which is now. Here the page lives at an instant of its own: its clock
 * stands still there, what it asks is carried into the time of the server, and what is answered is carried back.
 */
export async function inject(page: Page, server: Server) {
  const response = await fetch(`${server.url}/api/v1/events?source=${KNOWN.source}&q=${KNOWN.q}`)
  const { events } = (await response.json()) as { events: { started_at: string }[] }
  const behind = Date.parse(events.at(-1)!.started_at) + KNOWN.ago - NIGHT
  await page.clock.setFixedTime(NIGHT)
  await page.route('**/graphql', async (route) => {
    const body = route.request().postData() ?? ''
    if (route.request().headers().accept?.includes('event-stream') || body.includes('subscription')) return route.continue()
    const answer = await route.fetch({ postData: shifted(body, behind) })
    const json = JSON.parse(shifted(await answer.text(), -behind)) as Answer
    settle(json, body)
    await fulfil(route, json)
  })
}

const fulfil = (route: Route, json: unknown) => route.fulfill({ contentType: 'application/json', body: JSON.stringify(json) })

type Row = { event?: { source?: string } }
type Suspect = { rank: number; evidence: { name: string; weight: number }[] }
type Answer = { data?: Record<string, unknown> | null }

/**
 * Takes out what is of this run alone: the binary's own version and its own entries, where the counting of the server begins,
 * and that somebody worked at night or on a weekend, which depends on when the test runs.
 */
function settle({ data }: Answer, body: string) {
  if (!data) return
  const viewer = data.viewer as { version?: string } | undefined
  if (viewer?.version) viewer.version = '1.0.0'
  const installation = data.installation as Record<string, string> | undefined
  if (installation) Object.assign(installation, { runtime: 'go1.26.0, linux/amd64', startedAt: new Date(NIGHT - 86_400_000).toISOString() })
  const feed = data.feed as { rows?: Row[] } | undefined
  if (feed?.rows) feed.rows = feed.rows.filter((row) => row.event?.source !== 'tidings')
  const ranking = (data.incident as { suspects?: { suspects: Suspect[] } } | undefined)?.suspects
  if (ranking) {
    for (const suspect of ranking.suspects) suspect.evidence = suspect.evidence.filter(({ name }) => name !== 'hours')
    const score = (suspect: Suspect) => suspect.evidence.reduce((sum, { weight }) => sum + weight, 0)
    ranking.suspects.sort((a, b) => score(b) - score(a)).forEach((suspect, i) => (suspect.rank = i + 1))
  }
  const histogram = data.histogram as { since: string; bucketSeconds: number; people: number[]; automation: number[] } | undefined
  if (histogram) {
    // Of a round time of the server's clock, which is another at each run.
    const { variables } = JSON.parse(body) as { variables: { since: string } }
    const length = histogram.bucketSeconds * 1000
    histogram.since = new Date(Math.floor(Date.parse(variables.since) / length) * length).toISOString()
    histogram.people = histogram.people.map((_, i) => (i % 11 === 4 ? 3 : i % 5 === 2 ? 1 : 0) + (i === histogram.people.length - 2 ? 4 : 0))
    histogram.automation = histogram.automation.map((_, i) => (i % 7 === 3 ? 4 : i % 3) + (i === histogram.people.length - 2 ? 9 : 0))
  }
}
