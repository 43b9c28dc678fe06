import { date, stamp } from '@/time/format'
import { useZones } from '@/time/zones'

type Props = { caption: string; head: readonly string[]; rows: readonly { at: number; figures: readonly (number | string)[] }[]; className?: string }

/** The figures of a chart as a table, a row for each time, in both zones. */
export default function Figures({ caption, head, rows, className }: Props) {
  const { primary, secondary } = useZones()
  const now = Date.now()
  return (
    // Its rows hold nothing that could be focused: it is scrolled by itself.
    <div role="region" aria-label={caption} tabIndex={0} className={`scroll-thin ${className ?? ''}`}>
      <table className="w-full border-collapse text-12">
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 bg-inherit text-text-3">
          <tr>
            <th scope="col" className="py-0.5 pr-3 text-left font-medium">
              {primary.label}
            </th>
            {primary.id !== secondary.id && (
              <th scope="col" className="pr-3 text-left font-medium">
                {secondary.label}
              </th>
            )}
            {head.map((word) => (
              <th key={word} scope="col" className="pr-3 text-right font-medium">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, figures }) => (
            <tr key={at} className="border-t border-border">
              <th scope="row" className="py-0.5 pr-3 text-left font-normal whitespace-nowrap">
                <time dateTime={new Date(at).toISOString()}>
                  {date(at, primary.id, now)} {stamp(at, primary.id)}
                </time>
              </th>
              {primary.id !== secondary.id && (
                <td className="pr-3 whitespace-nowrap text-text-3">
                  {date(at, secondary.id, now)} {stamp(at, secondary.id)}
                </td>
              )}
              {figures.map((figure, i) => (
                <td key={i} className="pr-3 text-right">
                  {typeof figure === 'number' ? figure.toLocaleString('en') : figure}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
