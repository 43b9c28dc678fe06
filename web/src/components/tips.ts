import { BUBBLE, HOLD } from './cut'

const isCut = (element: Element) => element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight + 2

/** How long the focus rests on one thing before more is told of it: who walks through a list wants to see the list. */
const REST = 700

/** What is to be told of an element: its title, or the words in it that are cut; empty where all is seen. */
export function hidden(element: Element): string {
  if (element.hasAttribute('aria-describedby')) return ''
  const titled = element.closest<HTMLElement>('[title]') ?? element.querySelector<HTMLElement>('[title]')
  if (titled && (titled.title !== titled.textContent.trim() || isCut(titled))) return titled.title
  const cut = [element.closest('.truncate'), ...element.querySelectorAll('.truncate')].find((one) => one && isCut(one))
  return cut?.textContent ?? ''
}

/** Tells what is hidden, on keyboard focus and under a resting finger; the browser itself does so under a mouse only. Gives back how to stop. */
export function tellHidden(): () => void {
  let bubble: HTMLElement | undefined
  let resting: ReturnType<typeof setTimeout> | undefined
  const close = () => {
    clearTimeout(resting)
    bubble?.remove()
    bubble = undefined
  }
  const tell = (element: Element) => {
    close()
    const text = hidden(element)
    if (!text) return
    bubble = document.createElement('div')
    bubble.role = 'tooltip'
    bubble.className = `${BUBBLE} whitespace-pre-line`
    bubble.textContent = text
    // What is open before the page stands in a layer of its own.
    ;(element.closest('dialog') ?? document.body).append(bubble)
    const at = element.getBoundingClientRect()
    const own = bubble.getBoundingClientRect()
    bubble.style.left = `${Math.max(8, Math.min(at.left, innerWidth - own.width - 8))}px`
    bubble.style.top = `${at.bottom + 6 + own.height <= innerHeight ? at.bottom + 6 : Math.max(8, at.top - own.height - 6)}px`
  }
  const focus = ({ target }: { target: EventTarget | null }) => {
    close()
    if (target instanceof Element && target.matches(':is(a, button, summary, code, [role=option]):focus-visible')) resting = setTimeout(() => tell(target), REST)
  }
  const press = ({ target, pointerType }: PointerEvent) => {
    close()
    if (pointerType === 'touch' && target instanceof Element) resting = setTimeout(() => tell(target), HOLD)
  }
  const lift = () => clearTimeout(resting)
  const key = ({ key }: KeyboardEvent) => key === 'Escape' && close()
  const stop = new AbortController()
  const { signal } = stop
  document.addEventListener('focusin', focus, { signal })
  document.addEventListener('focusout', close, { signal })
  document.addEventListener('pointerdown', press, { signal, capture: true })
  for (const type of ['pointerup', 'pointercancel', 'pointermove'] as const) document.addEventListener(type, lift, { signal })
  document.addEventListener('scroll', close, { signal, capture: true })
  document.addEventListener('keydown', key, { signal, capture: true })
  focus({ target: document.activeElement })
  return () => {
    close()
    stop.abort()
  }
}
