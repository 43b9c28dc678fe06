import { toLogin } from './client'

/** One message of an event stream. The first one is always `open`: the server accepted. */
export type Message = { event: string; data: string }

/** How long a server that sends heartbeats may be silent before the connection counts as dead. */
const SILENCE = 60_000

/**
 * Posts a body and yields the events of the answer: GraphQL over SSE in its distinct connections mode. EventSource
 * itself can neither post nor report why it failed.
 */
export async function* eventStream(url: string, body: unknown, signal: AbortSignal): AsyncGenerator<Message> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    body: JSON.stringify(body),
    signal,
  })
  if (response.status === 401) toLogin()
  if (!response.ok || !response.body) throw new Error(`The server answered ${response.status}.`)
  if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) throw new Error('The server sent no event stream.')
  yield { event: 'open', data: '' }

  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const parse = parser()
  let heartbeats = false
  try {
    for (;;) {
      const { value, done } = await (heartbeats ? within(SILENCE, reader.read()) : reader.read())
      if (done) return
      for (const message of parse(value)) {
        if (message === 'heartbeat') heartbeats = true
        else yield message
      }
    }
  } finally {
    void reader.cancel().catch(() => {})
  }
}

/** Cuts text as it arrives into messages, wherever the chunks happen to end. */
export function parser(): (chunk: string) => (Message | 'heartbeat')[] {
  let rest = ''
  let event = 'message'
  let data: string[] = []
  return (chunk) => {
    const out: (Message | 'heartbeat')[] = []
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    for (const line of lines) {
      if (line === '') {
        if (data.length || event !== 'message') out.push({ event, data: data.join('\n') })
        event = 'message'
        data = []
        continue
      }
      const colon = line.indexOf(':')
      if (colon === 0) {
        out.push('heartbeat')
        continue
      }
      const field = colon === -1 ? line : line.slice(0, colon)
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') event = value
      else if (field === 'data') data.push(value)
    }
    return out
  }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The connection went silent.')), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
