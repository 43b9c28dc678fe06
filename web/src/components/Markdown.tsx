import { compiler } from 'markdown-to-jsx/react'
import { type ReactNode, useMemo } from 'react'

/**
 * Somebody else's Markdown. No HTML of theirs is kept, no image is fetched, and a link leads only to http and https.
 * Load it lazily: few pages need it.
 */
export default function Markdown({ children }: { children: string }) {
  return <div className="markdown text-text-2 [overflow-wrap:anywhere]">{useMemo(() => render(children), [children])}</div>
}

function render(text: string): ReactNode {
  return compiler(text, {
    disableParsingRawHTML: true,
    forceBlock: true,
    wrapper: null,
    sanitizer: (url: string) => webAddress(url),
    overrides: {
      a: Outside,
      img: { component: ({ alt, src }: { alt?: string; src?: string }) => <Outside href={src}>{alt || src || 'image'}</Outside> },
      // A page has one h1, and it is ours.
      h1: { component: 'h3' },
      h2: { component: 'h3' },
      h3: { component: 'h4' },
      iframe: None,
      script: None,
      style: None,
      input: { component: ({ checked }: { checked?: boolean }) => <span>{checked ? '☑ ' : '☐ '}</span> },
    },
  })
}

/** An address that a link may have; null for any other. */
export function webAddress(url: string): string | null {
  try {
    const { protocol } = new URL(url)
    return protocol === 'http:' || protocol === 'https:' ? url : null
  } catch {
    return null
  }
}

function Outside({ href, children }: { href?: string | undefined; children?: ReactNode }) {
  if (!href || !webAddress(href)) return <>{children}</>
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="text-accent underline underline-offset-2">
      {children}
    </a>
  )
}

function None() {
  return null
}
