import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { required, Server } from './server'

const FLAGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
const PATIENCE = 30_000

/** A server and a browser for one file of tests. Whatever goes wrong in a page fails the test that opened it. */
export class World {
  readonly server = new Server()
  /** What the page should not have done, in words. */
  readonly faults: string[] = []
  private browser!: Browser
  private contexts: BrowserContext[] = []
  private outage = false
  /** Other hosts that a page may lead to. */
  readonly abroad = new Set<string>()

  async begin(options: { example?: boolean; login?: boolean; config?: string }) {
    ;[this.browser] = await Promise.all([chromium.launch({ executablePath: required('TIDINGS_CHROMIUM'), args: FLAGS }), this.server.start(options)])
  }

  async end() {
    await this.browser?.close()
    await this.server.remove()
  }

  /** A tab of its own, with nothing remembered. */
  async tab(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin', baseURL: this.server.url, ...options })
    this.contexts.push(context)
    context.setDefaultTimeout(PATIENCE)
    const page = await context.newPage()
    this.watch(page)
    return page
  }

  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.tab(options)
    await page.goto(path)
    await page.locator('h1').first().waitFor({ state: 'attached' })
    return page
  }

  /** While `run` runs, requests may fail. */
  async during(run: () => Promise<void>) {
    this.outage = true
    try {
      await run()
    } finally {
      this.outage = false
    }
  }

  private watch(page: Page) {
    const own = new URL(this.server.url).host
    const fault = (words: string) => {
      if (!this.outage) this.faults.push(words)
    }
    page.on('console', (message) => {
      // The policy's violations come here as errors, too.
      if (message.type() === 'error' || message.type() === 'warning') fault(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.faults.push(`uncaught: ${error.stack ?? error.message}`))
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (/^https?:|^wss?:/.test(url.protocol) && url.host !== own && !this.abroad.has(url.host)) this.faults.push(`asked another host: ${request.url()}`)
    })
    page.on('requestfailed', (request) => {
      // A page that leaves, or no longer wants an answer, ends its own requests.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') fault(`failed: ${request.url()} ${request.failure()?.errorText}`)
    })
    page.on('response', (response) => {
      if (response.status() >= 400) fault(`answered ${response.status()}: ${response.url()}`)
    })
  }

  async closeTabs() {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()))
    return this.faults.splice(0)
  }
}

/** Call it once at the top of a file. */
export function useWorld({ example = true, login = false } = {}): World {
  const world = new World()
  beforeAll(() => world.begin({ example, login }))
  afterEach(async () => expect(await world.closeTabs()).toEqual([]))
  afterAll(() => world.end())
  return world
}

/** The value of a key of the address. */
export const inUrl = (page: Page, key: string) => new URL(page.url()).searchParams.get(key)

/** Waits until the key of the address is so; null when it must be absent. */
export const urlHas = (page: Page, key: string, value: string | null) => expect.poll(() => inUrl(page, key)).toBe(value)

/** Live: an event that comes now will be heard. */
export const live = (page: Page) => page.getByRole('status').filter({ hasText: /^Live$/ }).waitFor()
