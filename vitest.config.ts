import { defineConfig } from "vitest/config";

/** Tests on hosts over SSH. */
const hosts = ["test/system/{ssh-,testbed,provision-}*.test.ts", "test/cli/remote*.test.ts"];

/** Whole commands over plain processes, in which nothing is said of times. */
const commands = [
  "assertions",
  "bench-file",
  "binaries",
  "both",
  "cometbft",
  "completion",
  "deaths",
  "described",
  "guide",
  "ledger",
  "live",
  "native",
  "own-node-page",
  "profiles",
  "protocol-choice",
  "results",
  "resume",
  "transports",
  "unobserved",
  "verify",
  "wizard",
].map((name) => `test/cli/${name}.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/system/**", "test/cli/**", "test/soak/**", "test/**/*.timing.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "commands",
          // Each in a home of its own: two files at a time.
          include: commands,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "system",
          // One file at a time: engines, ports and whole commands, and whatever measures time.
          include: ["test/system/**/*.test.ts", "test/cli/**/*.test.ts", "test/**/*.timing.test.ts"],
          exclude: [...hosts, ...commands],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          // Committees side by side: two have eight processes.
          maxConcurrency: 2,
        },
      },
      {
        test: {
          name: "hosts",
          // Machines of their own, and nothing that measures time: two files at a time.
          include: hosts,
          globalSetup: ["test/support/prepare-test-hosts.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "soak",
          // `npm run test:soak`: an hour and more, by hand. BALEEN_TEST_SOAK_MINUTES makes it shorter or longer.
          include: ["test/soak/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
