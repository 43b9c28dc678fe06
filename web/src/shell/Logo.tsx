/** A ticker's pulse on a tile: the log on the roll. */
export function Logo() {
  return (
    <span className="grid size-5 flex-none place-items-center rounded-[5px] bg-text text-canvas">
      <svg width="14" height="14" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" aria-hidden>
        <path d="M3.5 14.5V6l4 3.8L10 4.5l2.5 5.3 4-3.8v8.5z" />
      </svg>
    </span>
  )
}
