import { expect, it } from 'vitest'
import { useWorld } from './world'

const world = useWorld({ example: false })

/** Text that somebody outside may send, for every place that shows it. */
const EVIL = [
  '<script>window.owned = 1</script>',
  '<img src=x onerror="window.owned = 2">',
  '"><svg/onload=window.owned=3>',
  '{{constructor.constructor("window.owned = 4")()}}',
  'javascript:window.owned=5',
  'zero\u200bwidth\u200djoined\u2060',
  'x'.repeat(190),
]

it('text of others is shown as text, wherever it stands', async () => {
  const now = Date.now()
  for (const [i, text] of EVIL.entries()) {
    await world.server.post({
      source: 'outside',
      key: `evil-${i}`,
      title: text,
      detail: `**bold** ${text} [link](javascript:window.owned=6) <b onmouseover="window.owned=7">b</b> ![i](https://evil.example/p.gif)`,
      kind: 'config',
      subjects: ['pricing'],
      actor: { type: 'person', name: text.slice(0, 100) },
      environment: 'production',
      version: text.slice(0, 60),
      labels: { note: text },
      diff: [{ field: text.slice(0, 40), old: text, new: `${text}!` }],
      links: [{ type: 'ticket', title: text, url: 'https://example.com/?q=%3Cscript%3E' }],
      started_at: new Date(now - i * 60_000).toISOString(),
    })
  }
  const page = await world.open('/feed')
  await page.getByRole('feed').getByRole('article').nth(EVIL.length - 1).waitFor()
  const { feed } = await world.server.ask<{ feed: { rows: { event: { id: string; source: string } }[] } }>('{ feed(first: 50) { rows { event { id source } } } }')
  const ids = feed.rows.filter((row) => row.event.source === 'outside').map((row) => row.event.id)
  expect(ids).toHaveLength(EVIL.length)
  for (const path of ['/feed', '/s/pricing', '/services', ...ids.map((id) => `/e/${id}`)]) {
    await page.goto(path)
    await page.locator('h1').first().waitFor({ state: 'attached' })
    if (path.startsWith('/e/')) await page.locator('.markdown strong').first().waitFor()
    const found = await page.evaluate(() => ({
      owned: (window as { owned?: number }).owned ?? null,
      handlers: [...document.querySelectorAll('*')].flatMap((e) => [...e.attributes].filter((a) => /^on/.test(a.name)).map((a) => `${e.tagName} ${a.name}`)),
      links: [...document.querySelectorAll('a[href]')].map((a) => (a as HTMLAnchorElement).protocol).filter((p) => !/^https?:$/.test(p)),
      images: [...document.querySelectorAll('main img')].map((e) => e.getAttribute('src')),
      sideways: document.documentElement.scrollWidth > window.innerWidth,
    }))
    expect(found, path).toEqual({ owned: null, handlers: [], links: [], images: [], sideways: false })
  }
})

it('a link that leads elsewhere than to the web is refused at the door', async () => {
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', ' javascript:alert(1)', 'java\tscript:alert(1)']) {
    const answer = await fetch(`${world.server.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ source: 'outside', title: 'x', subjects: ['pricing'], links: [{ type: 'ticket', title: 'x', url }] }),
    })
    expect([url, answer.status]).toEqual([url, 400])
  }
})

it('what turns text round, or hides in it, does not reach the page', async () => {
  await world.server.post({ source: 'outside', key: 'bidi', title: 'pay \u202egnp.exe\u202c now', subjects: ['pricing'], kind: 'note' })
  const { feed } = await world.server.ask<{ feed: { rows: { event: { title: string } }[] } }>('{ feed(first: 1) { rows { event { title } } } }')
  expect(feed.rows[0]!.event.title).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
})
