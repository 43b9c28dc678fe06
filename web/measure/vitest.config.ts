import { defineConfig } from 'vitest/config'

// Measures, not tests: they print, and hold nothing against a bound, because a bound in time fails on a busy machine.
export default defineConfig({
  test: { environment: 'node', include: ['measure/**/*.measure.ts'], fileParallelism: false, testTimeout: 1_800_000, hookTimeout: 600_000 },
})
