import { compiler } from 'markdown-to-jsx/react'
import { createContext, type ReactNode, use, useMemo, useState } from 'react'
import { copyText } from './copy'
import { CopyButton } from './states'

/**
 * Somebody else's Markdown. No HTML of theirs is kept, no image is fetched, and a link leads only to http and https.
 * With `copy` whatever is code is there to be pasted elsewhere, and can be copied. Load it lazily: few pages need it.
 */
export default function Markdown({ children, copy = false }: { children: string; copy?: boolean }) {
  return <div className="markdown text-text-2 [overflow-wrap:anywhere]">{useMemo(() => render(children, copy), [children, copy])}</div>
}

function render(text: string, copy: boolean): ReactNode {
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
      ...(copy && { pre: CopyBlock, code: CopyCode }),
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

const InBlock = createContext(false)

/** The text of what was rendered. */
function textOf(node: ReactNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node)
  if (Array.isArray(node)) return node.map(textOf).join('')
  if (node && typeof node === 'object' && 'props' in node) return textOf((node.props as { children?: ReactNode }).children)
  return ''
}

function CopyBlock({ children }: { children?: ReactNode }) {
  const text = textOf(children)
  return (
    <div className="my-2">
      <pre tabIndex={0} aria-label="To be pasted" className="scroll-thin max-h-[46vh] overflow-auto rounded-8 border border-border bg-sunken px-3 py-[9px]">
        <InBlock value={true}>{children}</InBlock>
      </pre>
      <CopyButton text={text} look="plain" />
    </div>
  )
}

function CopyCode({ children }: { children?: ReactNode }) {
  const inBlock = use(InBlock)
  const [done, setDone] = useState(false)
  const text = textOf(children)
  if (inBlock) return <code>{children}</code>
  return (
    <button
      type="button"
      title={done ? 'Copied' : 'Copy'}
      onBlur={() => setDone(false)}
      onClick={() => void copyText(text).then(setDone)}
      className="cursor-copy rounded-4 bg-sunken px-1 text-left hover:text-accent"
    >
      <span className="sr-only">{done ? 'Copied: ' : 'Copy '}</span>
      <code>{children}</code>
    </button>
  )
}

function None() {
  return null
}
