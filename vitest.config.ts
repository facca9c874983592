import { defineConfig } from 'vitest/config'

/**
 * `npm test` runs everything that needs no server: pure tests, and `*.db.test.ts` on the embedded engine. With
 * DATABASE_URL the same database tests run on that server, and with them `*.native.test.ts`: several processes,
 * killed servers and whatever else one embedded session cannot show.
 */
const native = process.env.DATABASE_URL !== undefined
/** Where CI reads what failed. */
const report = process.env.CI_TEST_REPORT

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: native ? [] : ['test/**/*.native.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { MILLRACE_LOG_LEVEL: 'silent' },
  },
})
