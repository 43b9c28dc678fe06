import { defineConfig } from 'vitest/config'

// Two files at a time: each drives a browser and a server of its own, of which little more than one core is busy.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // What cannot be waited for in the page is asked again until it holds.
    expect: { poll: { timeout: 30_000, interval: 50 } },
  },
})
