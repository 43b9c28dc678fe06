import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page, Request } from 'playwright-core'
import { inject } from './shift'
import type { World } from './world'

const FOLDER = new URL('./golden/', import.meta.url)
/** Where what differs is put, to be looked at; it is not kept. */
const DIFFERENT = new URL('../../tmp/golden/', import.meta.url)

/**
 * The same browser draws the same letters a little differently from machine to machine: the library that rasterises them, and
 * how it smooths. Therefore a picture is compared at half its size, where smoothing is averaged out; a pixel differs when a
 * channel is off by more than a fifth; and so many of a hundred pixels may. A row that is missing or moved, a panel that is
 * not there, another colour of a surface are each far more.
 */
const CHANNEL = 52
const SHARE = 0.008

export const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
} as const satisfies Record<string, BrowserContextOptions>
export type Look = keyof typeof LOOKS

/** A tab that looks at the example as it was at one instant, whenever the test runs. */
export async function still(world: World, look: Look): Promise<Page> {
  const page = await world.tab({ ...LOOKS[look], reducedMotion: 'reduce', locale: 'en-GB' })
  await inject(page, world.server)
  const open = new Set<Request>()
  page.on('request', (request) => request.url().endsWith('/graphql') && !request.headers().accept?.includes('event-stream') && open.add(request))
  const over = (request: Request) => void open.delete(request)
  page.on('requestfinished', over)
  page.on('requestfailed', over)
  asked.set(page, open)
  return page
}

const asked = new WeakMap<Page, Set<Request>>()

/** Everything that was asked is there and drawn, in our letters; what names this run's own port names another address. */
export async function quiet(page: Page) {
  for (let calm = 0; calm < 3; calm = asked.get(page)!.size === 0 ? calm + 1 : 0) await page.waitForTimeout(50)
  await page.evaluate(async () => {
    await document.fonts.ready
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      if (node.nodeValue?.includes(location.origin)) node.nodeValue = node.nodeValue.replaceAll(location.origin, 'https://tidings.example.com')
    }
    // Two frames: what was decided is drawn.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })
}

/** `webp` is the picture as it is kept, at half its size. */
type Compared = { share: number; size: boolean; webp: string }

/** Holds a page against its golden, or writes that where UPDATE is set. What it says is empty where they agree. */
export async function compare(page: Page, name: string): Promise<string> {
  const now = await page.screenshot({ animations: 'disabled' })
  const file = fileURLToPath(new URL(`${name}.webp`, FOLDER))
  const golden = process.env.UPDATE ? null : await readFile(file).catch(() => null)
  const blank = await page.context().newPage() // the page itself loads no data: its policy forbids that
  const found = await blank.evaluate(
    async ([actual, wanted, channel]) => {
      const draw = async (data: string, type: string, scale: number) => {
        const picture = await createImageBitmap(await (await fetch(`data:${type};base64,${data}`)).blob())
        const canvas = document.createElement('canvas')
        canvas.width = Math.round(picture.width * scale)
        canvas.height = Math.round(picture.height * scale)
        const context = canvas.getContext('2d')!
        context.imageSmoothingQuality = 'high'
        context.drawImage(picture, 0, 0, canvas.width, canvas.height)
        return { canvas, data: context.getImageData(0, 0, canvas.width, canvas.height).data }
      }
      const encoded = (of: { canvas: HTMLCanvasElement }, quality: number) => of.canvas.toDataURL('image/webp', quality).split(',')[1]!
      const webp = encoded(await draw(actual, 'image/png', 0.5), 0.7)
      // What is kept has lost a little: what is compared has lost as much.
      const a = await draw(webp, 'image/webp', 1)
      if (wanted === null) return { share: 0, size: true, webp }
      const b = await draw(wanted, 'image/webp', 1)
      if (a.canvas.width !== b.canvas.width || a.canvas.height !== b.canvas.height) return { share: 1, size: false, webp }
      let off = 0
      for (let i = 0; i < a.data.length; i += 4) {
        if (Math.max(Math.abs(a.data[i]! - b.data[i]!), Math.abs(a.data[i + 1]! - b.data[i + 1]!), Math.abs(a.data[i + 2]! - b.data[i + 2]!)) > channel) off++
      }
      return { share: off / (a.data.length / 4), size: true, webp }
    },
    [now.toString('base64'), golden?.toString('base64') ?? null, CHANNEL] as const,
  ) as Compared
  await blank.close()
  const keep = async (path: string, picture: Buffer) => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, picture)
  }
  const seen = fileURLToPath(new URL(`${name}.png`, DIFFERENT))
  if (golden === null) {
    if (!process.env.UPDATE) return `${name} has no golden: run UPDATE=1 make e2e ARGS=e2e/golden.test.ts, and look at it`
    await keep(file, Buffer.from(found.webp, 'base64'))
    await keep(seen, now)
    return ''
  }
  if (found.size && found.share <= SHARE) return ''
  await keep(seen, now)
  return `${name}: ${(found.share * 100).toFixed(2)} % of it differs (at most ${SHARE * 100} %). Look at ${seen}, and where it is right run this with UPDATE=1`
}
