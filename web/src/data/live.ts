import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'
import { LiveDocument, type FeedFilter, type LiveSubscription } from '@/gql/graphql'
import { eventStream } from './sse'

/**
 * One stream a tab, whatever is on it: browsers open six connections to a host, and every tab needs some.
 * It resumes after the last event it saw, waits longer after each failure, and rests while the tab is hidden.
 */
export type LiveState =
  | { phase: 'connecting' }
  | { phase: 'live' }
  | { phase: 'paused' }
  | { phase: 'offline'; since: number; retryAt: number; reason: string }

type Listener = (event: LiveSubscription['events']['event']) => void

const FIRST_WAIT = 1000
const LONGEST_WAIT = 30_000
const HIDDEN_REST = 60_000

class Live {
  private state: LiveState = { phase: 'connecting' }
  private readonly watchers = new Set<() => void>()
  private readonly listeners = new Map<Listener, FeedFilter>()
  private cursor: string | undefined
  private lastGood = Date.now()
  private failures = 0
  private abort: AbortController | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private openFilter = ''
  private wanted = false

  start() {
    if (this.wanted) return
    this.wanted = true
    window.addEventListener('online', this.retry)
    document.addEventListener('visibilitychange', this.visibility)
    this.connect()
  }

  stop() {
    this.wanted = false
    window.removeEventListener('online', this.retry)
    document.removeEventListener('visibilitychange', this.visibility)
    this.close()
  }

  subscribe = (watcher: () => void) => {
    this.watchers.add(watcher)
    return () => void this.watchers.delete(watcher)
  }
  current = () => this.state

  /** Hears events that pass the filter until the returned function is called. */
  listen(filter: FeedFilter, listener: Listener): () => void {
    this.listeners.set(listener, filter)
    this.refilter()
    return () => {
      this.listeners.delete(listener)
      this.refilter()
    }
  }

  retry = () => {
    if (this.wanted) this.connect()
  }

  // One listener: the server filters. None or several: the stream is unfiltered, and each asks the server again anyway.
  private filter(): FeedFilter {
    return this.listeners.size === 1 ? [...this.listeners.values()][0]! : {}
  }

  private refilter() {
    // A page that changes its filter leaves and joins in one breath; wait for both.
    queueMicrotask(() => {
      if (this.wanted && this.state.phase !== 'offline' && JSON.stringify(this.filter()) !== this.openFilter) this.connect()
    })
  }

  private set(state: LiveState) {
    this.state = state
    for (const watcher of this.watchers) watcher()
  }

  private close() {
    clearTimeout(this.timer)
    this.abort?.abort()
    this.abort = undefined
  }

  private visibility = () => {
    if (!document.hidden) {
      clearTimeout(this.timer)
      if (this.state.phase === 'paused') this.connect()
      return
    }
    if (this.state.phase !== 'live') return
    this.timer = setTimeout(() => {
      this.close()
      this.set({ phase: 'paused' })
    }, HIDDEN_REST)
  }

  private connect() {
    this.close()
    const abort = new AbortController()
    this.abort = abort
    const filter = this.filter()
    this.openFilter = JSON.stringify(filter)
    if (this.state.phase === 'paused') this.set({ phase: 'connecting' })
    void this.run(filter, abort.signal)
  }

  private async run(filter: FeedFilter, signal: AbortSignal) {
    let reason = 'The server ended the stream.'
    try {
      const body = { query: LiveDocument.toString(), variables: { filter, after: this.cursor } }
      for await (const message of eventStream('/graphql', body, signal)) {
        this.lastGood = Date.now()
        if (message.event === 'open') {
          this.failures = 0
          this.set({ phase: 'live' })
        } else if (message.event === 'next') this.deliver(message.data)
        else if (message.event === 'complete') break
      }
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
    }
    if (signal.aborted) return
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures++) * (0.75 + Math.random() / 2)
    this.set({ phase: 'offline', since: this.lastGood, retryAt: Date.now() + wait, reason })
    this.timer = setTimeout(this.retry, wait)
  }

  private deliver(data: string) {
    const answer = JSON.parse(data) as { data?: LiveSubscription | null; errors?: { message: string }[] }
    if (!answer.data) {
      // A cursor too old to resume from is not a reason to stop listening: the lists are asked again on reconnect.
      this.cursor = undefined
      throw new Error(answer.errors?.[0]?.message ?? 'The server refused the stream.')
    }
    this.cursor = answer.data.events.cursor
    for (const listener of this.listeners.keys()) listener(answer.data.events.event)
  }
}

export const live = new Live()

export function useLiveState(): LiveState {
  return useSyncExternalStore(live.subscribe, live.current)
}

/** Calls back for every live event that passes the filter. */
export function useLiveEvents(filter: FeedFilter, enabled: boolean, onEvent: Listener) {
  const heard = useEffectEvent(onEvent)
  const key = JSON.stringify(filter)
  useEffect(() => {
    if (!enabled) return
    return live.listen(JSON.parse(key) as FeedFilter, (event) => heard(event))
  }, [key, enabled])
}
