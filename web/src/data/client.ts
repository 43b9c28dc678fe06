import type { TypedDocumentString } from '@/gql/graphql'

/** What went wrong, in words for a person. `offline` is true when no answer came at all. */
export class RequestError extends Error {
  readonly code: string
  readonly offline: boolean
  /** What is wrong in what was sent, by JSON pointer. */
  readonly faults: readonly { pointer: string; detail: string }[]
  constructor(message: string, code: string, offline = false, faults: RequestError['faults'] = []) {
    super(message)
    this.code = code
    this.offline = offline
    this.faults = faults
  }
}

type Answer<T> = { data?: T | null; errors?: { message: string; extensions?: { code?: string; faults?: RequestError['faults'] } }[] }

/** Asks the server one GraphQL question. */
export async function request<T, V>(document: TypedDocumentString<T, V>, variables: V, signal?: AbortSignal): Promise<T> {
  const { answer, status } = await send<Answer<T>>('/graphql', { method: 'POST', body: { query: document.toString(), variables }, signal })
  const [first] = answer.errors ?? []
  if (first) throw refused(first.message, first.extensions?.code ?? 'internal', first.extensions?.faults)
  if (!answer.data) throw refused(answer.detail ?? `The server answered ${status}.`, answer.code ?? 'internal')
  return answer.data
}

/** Asks the server at an address of its own, for what is no question of GraphQL. */
export async function ask<T>(url: string, options: Options = {}): Promise<T> {
  const { answer, status } = await send<T>(url, options)
  if (status >= 400) throw new RequestError(answer.detail ?? `The server answered ${status}.`, answer.code ?? 'internal')
  return answer
}

type Options = { method?: 'GET' | 'POST'; body?: unknown; signal?: AbortSignal }
type Problem = { detail?: string; code?: string }

async function send<T>(url: string, { method = 'GET', body, signal }: Options): Promise<{ answer: T & Problem; status: number }> {
  let response: Response
  try {
    response = await fetch(url, {
      method,
      headers: { Accept: 'application/json', ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new RequestError('The server does not answer.', 'unavailable', true)
  }
  const { status } = response
  if (status === 204) return { answer: {} as T & Problem, status }
  try {
    return { answer: await response.json(), status }
  } catch {
    throw new RequestError(`The server answered ${status}, and not with data.`, 'unavailable', status >= 502)
  }
}

function refused(message: string, code: string, faults?: RequestError['faults']): RequestError {
  if (code === 'unauthenticated') toLogin()
  return new RequestError(message, code, false, faults)
}

/** Leaves for the login, and comes back here after it. */
export function toLogin() {
  const { pathname, search } = window.location
  if (!pathname.startsWith('/login')) window.location.assign(`/login?return=${encodeURIComponent(pathname + search)}`)
}
