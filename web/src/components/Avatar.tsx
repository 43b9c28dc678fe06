import { Bot, CircleQuestionMark, type LucideIcon } from 'lucide-react'
import { cx } from './cx'
import { Icon } from './Icon'

// Spelled out, because Tailwind finds class names by reading.
const hues = [
  'bg-[var(--av-1)] text-[var(--av-1-text)]',
  'bg-[var(--av-2)] text-[var(--av-2-text)]',
  'bg-[var(--av-3)] text-[var(--av-3-text)]',
  'bg-[var(--av-4)] text-[var(--av-4-text)]',
  'bg-[var(--av-5)] text-[var(--av-5-text)]',
  'bg-[var(--av-6)] text-[var(--av-6-text)]',
]

export type AvatarKind = 'person' | 'automation' | 'unknown'

type Props = { kind: AvatarKind; name: string; size?: number; icon?: LucideIcon }

/** Shape says who: round is a person, square is automation, a dashed ring is nobody known. Always beside the name. */
export function Avatar({ kind, name, size = 18, icon = Bot }: Props) {
  const box = { width: size, height: size, fontSize: size * 0.42 }
  const base = 'inline-grid flex-none place-items-center leading-none font-semibold tracking-[-0.02em]'
  if (kind === 'automation') {
    return (
      <span aria-hidden style={box} className={cx(base, 'rounded-[28%] border border-border bg-sunken text-text-2')}>
        <Icon of={icon} size={Math.round(size * 0.61)} stroke={2} />
      </span>
    )
  }
  if (kind === 'unknown') {
    return (
      <span aria-hidden style={box} className={cx(base, 'rounded-full border border-dashed border-border-control text-text-3')}>
        <Icon of={CircleQuestionMark} size={Math.round(size * 0.61)} stroke={2} />
      </span>
    )
  }
  return (
    <span aria-hidden style={box} className={cx(base, 'rounded-full', hues[hueOf(name)])}>
      {initials(name)}
    </span>
  )
}

/** The first letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter((word) => /\p{L}|\p{N}/u.test(word))
  const picked = words.length > 1 ? [words[0]!, words.at(-1)!] : words
  return picked.map((word) => [...word][0]!.toUpperCase()).join('')
}

function hueOf(name: string): number {
  let sum = 0
  for (const c of name) sum = (sum * 31 + c.codePointAt(0)!) >>> 0
  return sum % hues.length
}
