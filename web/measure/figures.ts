/** The figure below which so many of a hundred lie. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))] ?? Number.NaN
}

export const spread = (figures: readonly number[], unit = 'ms') =>
  `p50 ${percentile(figures, 50).toFixed(1)}, p95 ${percentile(figures, 95).toFixed(1)}, p99 ${percentile(figures, 99).toFixed(1)} ${unit} (${figures.length})`

const lines: string[] = []

/** Notes one line of the table that docs/bench.md holds. */
export function note(what: string, figure: string, promise: string) {
  const line = `| ${what} | ${figure} | ${promise} |`
  lines.push(line)
  process.stdout.write(`${line}\n`)
}

export function table(): string {
  return ['| what | figure | promise |', '| --- | --- | --- |', ...lines].join('\n')
}
