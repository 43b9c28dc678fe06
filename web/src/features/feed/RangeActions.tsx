import { Copy, Printer } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '@/components/Button'
import { Icon } from '@/components/Icon'
import { useUrl } from '@/shell/search'
import { useKinds } from '@/shell/viewer'
import { useZones } from '@/time/zones'
import type { FeedParams } from './params'
import type { Feed } from './useFeed'

/** Takes a range of the feed elsewhere: all of it, not only what was scrolled to. */
export function RangeActions({ feed, params, about }: { feed: Feed; params: FeedParams; about?: string }) {
  const kinds = useKinds()
  const zone = useZones().primary.id
  const search = useUrl()
  const [said, setSaid] = useState<string | null>('')
  const act = (how: 'copy' | 'print') => async () => {
    setSaid(null)
    try {
      setSaid(await (await import('./range'))[how]({ feed, params, about, kinds, zone, search }))
    } catch (error) {
      setSaid(error instanceof Error ? error.message : 'It could not be read.')
    }
  }
  return (
    <span className="flex flex-none items-center gap-1 self-center print:hidden">
      <span role="status" className="text-12">
        {said ?? 'Reading'}
      </span>
      <IconButton label="Copy as Markdown" disabled={said === null} onClick={() => void act('copy')()}>
        <Icon of={Copy} size={14} />
      </IconButton>
      <IconButton label="Print" disabled={said === null} onClick={() => void act('print')()}>
        <Icon of={Printer} size={14} />
      </IconButton>
    </span>
  )
}
