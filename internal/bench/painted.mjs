// Opens the feed in a real Chromium, and prints a line for each version of which a row is painted: the version, and when
// that was, in milliseconds since 1970. "ready" comes before them, once the page is live. It ends with its input.
//
//   node internal/bench/painted.mjs URL MARKER     where versions are MARKER-0, MARKER-1, …
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('playwright-core')
const [url, marker] = process.argv.slice(2)

const browser = await chromium.launch({ executablePath: process.env.TIDINGS_CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'] })
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
await page.exposeFunction('tell', (line) => console.log(line))
await page.goto(`${url}/feed`)
await page.getByRole('status').filter({ hasText: /^Live$/ }).waitFor()
await page.evaluate((marker) => {
  const seen = new Set()
  const look = () => {
    for (const row of document.querySelectorAll('[role=feed] article')) {
      const { top, bottom, height } = row.getBoundingClientRect()
      if (height === 0 || bottom <= 0 || top >= innerHeight) continue
      for (const [version] of row.textContent.matchAll(new RegExp(`${marker}-\\d+`, 'g'))) {
        if (seen.has(version)) continue
        seen.add(version)
        // What is there in one frame is on the screen when the next one begins.
        requestAnimationFrame(() => requestAnimationFrame(() => window.tell(`${version} ${performance.timeOrigin + performance.now()}`)))
      }
    }
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
  addEventListener('scroll', look, { passive: true })
}, marker)
console.log('ready')

process.stdin.resume()
await new Promise((resolve) => process.stdin.once('end', resolve))
await browser.close()
