import { copyText } from '@/components/copy'
import { freeze, type Search, stringifySearch } from '@/url/search'
import { joinPages } from './hold'
import { markdown } from './markdown'
import { what } from './NoMatch'
import { type FeedParams, windowOf } from './params'
import type { Feed } from './useFeed'
import type { KindTable } from './wording'

/** As much as somebody would read in a ticket or on paper. */
const MOST = 1000

/** All rows of the window, not only those that were scrolled to, as far as anybody would read. */
async function all(feed: Feed) {
  let { rows, hasNextPage } = feed
  while (hasNextPage && rows.length < MOST) {
    const next = await feed.fetchNextPage()
    if (next.isError) throw next.error
    rows = joinPages((next.data?.pages ?? []).map((page) => page.feed))
    hasNextPage = next.hasNextPage
  }
  return { rows: rows.slice(0, MOST), more: hasNextPage || rows.length > MOST }
}

export type Range = { feed: Feed; params: FeedParams; about?: string; kinds: KindTable; zone: string; search: Search }

/** Copies the range as Markdown, and says how much that was. */
export async function copy({ feed, params, about, kinds, zone, search }: Range): Promise<string> {
  const { rows, more } = await all(feed)
  const now = Date.now()
  const { since, until } = windowOf({ ...params, from: feed.from }, feed.from, now)
  const words = what(params, kinds)
  const { origin, pathname } = window.location
  const text = markdown(rows, kinds, {
    title: `${words.charAt(0).toUpperCase()}${words.slice(1)}${about ? ` of ${about}` : ''}`,
    since,
    until: until ?? now,
    link: origin + pathname + stringifySearch(freeze(search, now, zone, feed.from)),
    zone,
    origin,
    more,
  })
  return (await copyText(text)) ? `${rows.length.toLocaleString('en')} copied` : 'This browser does not let it be copied.'
}

/** Hands the range to the browser's own printing. */
export async function print({ feed }: Range): Promise<string> {
  await all(feed)
  window.print()
  return ''
}
