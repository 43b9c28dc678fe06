/** Every address that the page has. `$name` stands for one segment. */
export const PATHS = [
  '/start',
  '/feed',
  '/services',
  '/teams',
  '/unclaimed',
  '/map',
  '/on-call',
  '/t/$team',
  '/incidents',
  '/i/$incident',
  '/at',
  '/s/$service',
  '/s/$service/deps',
  '/r/$kind/$name',
  '/e/$event',
  '/settings/me',
  '/settings/tokens',
  '/settings/chat',
  '/settings/people',
  '/settings/sources',
  '/settings/jobs',
  '/settings/sources/$name',
  '/settings/new-source',
  '/login',
  '/login/link',
] as const
export type Path = (typeof PATHS)[number]

/** The addresses without parameters. */
export type PlainPath = Exclude<Path, `${string}$${string}`>

type Names<P extends string> = P extends `${string}$${infer Name}/${infer Rest}` ? Name | Names<Rest> : P extends `${string}$${infer Name}` ? Name : never
export type Params<P extends string> = Record<Names<P>, string>

/** The address of a path with its parameters filled in. */
export function fill(path: string, params: Record<string, string> = {}): string {
  return path.replace(/\$(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? '').replaceAll('%3A', ':'))
}

/** The path that an address belongs to, with its parameters; null when the page has no such address. */
export function match(address: string): { path: Path; params: Record<string, string> } | null {
  const parts = address.replace(/\/+$/, '').split('/')
  for (const path of PATHS) {
    const wanted = path.split('/')
    if (wanted.length !== parts.length) continue
    const params: Record<string, string> = {}
    const same = wanted.every((segment, i) => {
      if (!segment.startsWith('$')) return segment === parts[i]
      try {
        params[segment.slice(1)] = decodeURIComponent(parts[i]!)
      } catch {
        return false
      }
      return parts[i] !== ''
    })
    if (same) return { path, params }
  }
  return null
}
