import { defineConfig } from 'vitest/config'

// One file after the other: each drives a browser and a server of its own, and two cores are enough for that.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // What cannot be waited for in the page is asked again until it holds.
    expect: { poll: { timeout: 30_000, interval: 50 } },
  },
})
