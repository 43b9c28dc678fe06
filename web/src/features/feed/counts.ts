import type { Counts } from './Histogram'

/** The bars of the chart that are not empty, the latest first, as figures: by people, by automation, and in all. */
export function countRows({ start, bucketSeconds, people, automation }: Counts) {
  return people
    .map((p, i) => ({ at: start + i * bucketSeconds * 1000, figures: [p, automation[i] ?? 0, p + (automation[i] ?? 0)] }))
    .filter(({ figures }) => figures[2]! > 0)
    .reverse()
}
