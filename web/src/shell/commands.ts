import { useViewer } from './viewer'

/** The lines that every command against this installation begins with. While login is off no token is asked for. */
function curl(method: string, path: string, noLogin: boolean): string[] {
  return [
    `curl -X ${method} ${location.origin}${path} \\`,
    ...(noLogin ? [] : ['  -H "Authorization: Bearer $TIDINGS_TOKEN" \\']),
    '  -H "Content-Type: application/json" \\',
  ]
}

/** The command that sends a first event of a service: exactly what to paste into a shell. */
export function useEventCommand(service: string): string {
  const noLogin = useViewer()?.viewer.noLogin ?? false
  const body = { subjects: [service], kind: 'deploy', title: `Deployed ${service} 1.4.0`, version: '1.4.0' }
  return [...curl('POST', '/api/v1/events', noLogin), `  -d '${JSON.stringify(body)}'`].join('\n')
}

/** The command that opens an incident by hand. */
export function usePageCommand(service: string): string {
  const noLogin = useViewer()?.viewer.noLogin ?? false
  const body = { title: `${service} is slow`, services: [service], environment: 'production' }
  return [...curl('POST', '/api/v1/incidents', noLogin), `  -d '${JSON.stringify(body)}'`].join('\n')
}

/** The command that creates an entity. */
export function useEntityCommand(kind: string, name: string, fields: Record<string, string | string[]>): string {
  const noLogin = useViewer()?.viewer.noLogin ?? false
  return [...curl('PUT', `/api/v1/entities/${kind}/${name}`, noLogin), `  -d '${JSON.stringify(fields)}'`].join('\n')
}
