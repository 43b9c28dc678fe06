import { useViewer } from './viewer'

/** The lines that every command against this installation begins with. While login is off no token is asked for. */
function curl(method: string, path: string, token: string | null): string[] {
  return [
    `curl -X ${method} ${location.origin}${path} \\`,
    ...(token === null ? [] : [`  -H "Authorization: Bearer ${token}" \\`]),
    '  -H "Content-Type: application/json" \\',
  ]
}

/** What stands for the token in a command; null while login is off. */
function useToken(): string | null {
  return useViewer()?.viewer.noLogin ? null : '$TIDINGS_TOKEN'
}

/** The command that sends a first event of a service: exactly what to paste into a shell. Without a token no header is written. */
export function eventCommand(service: string, token: string | null): string {
  const body = { subjects: [service], kind: 'deploy', title: `Deployed ${service} 1.4.0`, version: '1.4.0' }
  return [...curl('POST', '/api/v1/events', token), `  -d '${JSON.stringify(body)}'`].join('\n')
}

export function useEventCommand(service: string): string {
  return eventCommand(service, useToken())
}

/** The command that opens an incident by hand. */
export function usePageCommand(service: string): string {
  const token = useToken()
  const body = { title: `${service} is slow`, services: [service], environment: 'production' }
  return [...curl('POST', '/api/v1/incidents', token), `  -d '${JSON.stringify(body)}'`].join('\n')
}

/** The command that creates an entity. */
export function useEntityCommand(kind: string, name: string, fields: Record<string, string | string[]>): string {
  const token = useToken()
  return [...curl('PUT', `/api/v1/entities/${kind}/${name}`, token), `  -d '${JSON.stringify(fields)}'`].join('\n')
}
