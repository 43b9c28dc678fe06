import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

export const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]
const THEMES = ['light', 'dark'] as const

const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Everything that axe finds against WCAG 2.2 AA and good practice, in one line each. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await source)
  const results = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (root: Document, options: unknown) => Promise<AxeResults> } }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    return await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })
  })
  return results.violations.flatMap((v) => v.nodes.slice(0, 3).map((node) => `${v.id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`))
}

/** What axe finds at every size and in both themes; and nothing may scroll sideways. */
export async function everywhere(page: Page, ready: () => Promise<unknown>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const size of SIZES) {
    await page.setViewportSize(size)
    await ready()
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `sideways scroll at ${size.width}`).toBeLessThanOrEqual(size.width)
    expect(await page.locator('h1').count(), `headings of the page at ${size.width}`).toBe(1)
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme })
      const lines = await violations(page)
      if (lines.length > 0) found[`${size.width} ${colorScheme}`] = lines
    }
  }
  // What is read at 400 % on a desktop, or on the smallest phone.
  await page.setViewportSize({ width: 320, height: 640 })
  await ready()
  expect(await page.evaluate(() => document.documentElement.scrollWidth), 'sideways scroll at 320').toBeLessThanOrEqual(320)
  return found
}
