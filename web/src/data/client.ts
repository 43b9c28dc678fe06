import type { TypedDocumentString } from '@/gql/graphql'

/** What went wrong, in words for a person. `offline` is true when no answer came at all. */
export class RequestError extends Error {
  readonly code: string
  readonly offline: boolean
  constructor(message: string, code: string, offline = false) {
    super(message)
    this.code = code
    this.offline = offline
  }
}

type Answer<T> = { data?: T | null; errors?: { message: string; extensions?: { code?: string } }[] }

/** Asks the server one GraphQL question. */
export async function request<T, V>(document: TypedDocumentString<T, V>, variables: V, signal?: AbortSignal): Promise<T> {
  let response: Response
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ query: document.toString(), variables }),
      signal,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new RequestError('The server does not answer.', 'unavailable', true)
  }
  let answer: Answer<T> & { detail?: string; code?: string }
  try {
    answer = await response.json()
  } catch {
    throw new RequestError(`The server answered ${response.status}, and not with data.`, 'unavailable', response.status >= 502)
  }
  const [first] = answer.errors ?? []
  if (first) throw new RequestError(first.message, first.extensions?.code ?? 'internal')
  if (!answer.data) throw new RequestError(answer.detail ?? `The server answered ${response.status}.`, answer.code ?? 'internal')
  return answer.data
}
