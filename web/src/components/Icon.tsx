import type { LucideIcon } from 'lucide-react'
import { cx } from './cx'

type Props = { of: LucideIcon; size?: number; stroke?: number; className?: string }

/** An icon beside words; it never stands for a word alone, so it is hidden from assistive technology. */
export function Icon({ of: Shape, size = 14, stroke = 1.75, className }: Props) {
  return <Shape size={size} strokeWidth={stroke} className={cx('block flex-none', className)} aria-hidden />
}
