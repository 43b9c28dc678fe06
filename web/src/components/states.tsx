import { CircleAlert, Copy, WifiOff } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { LucideIcon } from 'lucide-react'
import { Button } from './Button'
import { copyText } from './copy'
import { cx } from './cx'
import { Icon } from './Icon'

/** True once something has been missing for so long that a placeholder is kinder than the old page. */
export function useSlow(waiting: boolean, ms = 150): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    if (!waiting) {
      setSlow(false)
      return
    }
    const timer = setTimeout(() => setSlow(true), ms)
    return () => clearTimeout(timer)
  }, [waiting, ms])
  return waiting && slow
}

/** Grey bars where text will be. They do not shimmer. */
export function Bar({ width }: { width: number | string }) {
  return <span className="my-[5px] block h-2.5 rounded-4 bg-border" style={{ width }} />
}

/** Says to assistive technology that something loads, and shows `children` after a moment. */
export function Loading({ what, children }: { what: string; children: ReactNode }) {
  const slow = useSlow(true)
  return (
    <div role="status" aria-label={`Loading ${what}`}>
      {slow && <div aria-hidden>{children}</div>}
    </div>
  )
}

type EmptyProps = { title: string; children?: ReactNode; command?: string; /** Plain where one of the actions is what comes first. */ look?: 'primary' | 'plain'; actions?: ReactNode }

/** Nothing to show, and what to do about it. A command is copied whole. */
export function EmptyState({ title, children, command, look = 'primary', actions }: EmptyProps) {
  return (
    <div className="max-w-[640px] px-5 py-4 max-sm:px-4">
      <h2 className="mb-0.5 text-14">{title}</h2>
      {children && <div className="max-w-[54ch] text-text-2">{children}</div>}
      {command && (
        <pre
          tabIndex={0}
          className="my-2.5 overflow-x-auto rounded-8 border border-border bg-sunken px-3 py-[9px] text-12 leading-[19px] text-text-2"
        >
          {command}
        </pre>
      )}
      {(command || actions) && (
        <div className="mt-2.5 flex flex-wrap gap-2">
          {look === 'plain' && actions}
          {command && <CopyButton text={command} look={look} />}
          {look === 'primary' && actions}
        </div>
      )}
    </div>
  )
}

export function CopyButton({ text, label = 'Copy', look = 'primary', className }: { text: string; label?: string; look?: 'primary' | 'plain'; className?: string }) {
  const [done, setDone] = useState(false)
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => setDone(false), 2000)
    return () => clearTimeout(timer)
  }, [done])
  return (
    <Button look={look} small className={className} onClick={() => void copyText(text).then(setDone)}>
      <Icon of={Copy} size={13} />
      <span aria-live="polite">{done ? 'Copied' : label}</span>
    </Button>
  )
}

/** What went wrong, in words, with a way to try again. */
export function ErrorState({ title, error, onRetry }: { title: string; error: Error; onRetry?: () => void }) {
  return (
    <div role="alert" className="px-5 py-4 max-sm:px-4">
      <h2 className="mb-0.5 flex items-center gap-2 text-14">
        <Icon of={CircleAlert} size={15} className="text-crit" />
        {title}
      </h2>
      <p className="text-text-2">{error.message}</p>
      {onRetry && (
        <Button small className="mt-2.5" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

type BannerProps = { tone?: 'warn' | 'plain'; icon?: LucideIcon; children: ReactNode; action?: ReactNode }

/** One line across the page about the state of the page itself. */
export function Banner({ tone = 'warn', icon = WifiOff, children, action }: BannerProps) {
  return (
    <div
      role="status"
      className={cx(
        'flex flex-none items-center gap-[9px] border-b py-1.5 pr-3 pl-5 max-sm:pl-4',
        tone === 'warn' ? 'border-warn-border bg-warn-weak' : 'border-border bg-sunken',
      )}
    >
      <Icon of={icon} size={15} className={tone === 'warn' ? 'text-warn' : 'text-text-3'} />
      <span className="min-w-0">{children}</span>
      {action && <span className="ml-auto">{action}</span>}
    </div>
  )
}
