import { defineConfig } from "vitest/config";

/**
 * A test file's name says when it runs: `NAME.test.ts` in `npm test`, beside others; `NAME.serial.test.ts` in
 * `npm test`, with nothing beside it, because it measures time or needs a fixed port; `NAME.full.test.ts` and
 * `NAME.full.serial.test.ts` likewise in `npm run test:full`, and so do tests tagged `full` in files of the first two kinds.
 */
const whole = ["test/system/**/*.test.ts", "test/cli/**/*.test.ts"];
const wholeSerial = ["test/system/**/*.serial.test.ts", "test/cli/**/*.serial.test.ts"];
const serial = "test/**/*.serial.test.ts";
const full = "test/**/*.full.test.ts";
const fullSerial = "test/**/*.full.serial.test.ts";
const soak = "test/soak/**";

/**
 * Committees side by side within a file: two have eight processes. Modules are loaded once a worker: that is half of the
 * CPU time of unit tests.
 */
const patient = { testTimeout: 180_000, hookTimeout: 180_000, maxConcurrency: 2, isolate: false };
const alone = { ...patient, fileParallelism: false };
/** Images of test hosts are made once, before the first file. */
const hosts = { globalSetup: ["test/support/prepare-test-hosts.ts"] };

export default defineConfig({
  test: {
    tags: [{ name: "full", description: "Runs in `npm run test:full` only." }],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...whole, serial, full, soak],
          testTimeout: 60_000,
          isolate: false,
          // Not one less than there are cores, as by default: most of them wait for sockets, processes and timers.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "system",
          // Engines, hosts over SSH and whole commands, each in a home of its own.
          include: whole,
          exclude: [serial, full],
          ...patient,
          ...hosts,
          // They wait for half of their time.
          maxWorkers: 3,
        },
      },
      // Before the tests of whole commands, so that no engine is still busy with what those have left.
      { test: { name: "timed", include: [serial], exclude: [...whole, fullSerial], ...alone } },
      { test: { name: "serial", include: wholeSerial, exclude: [fullSerial], ...alone } },
      { test: { name: "full", include: [full], ...patient, ...hosts, maxWorkers: 2 } },
      { test: { name: "full-serial", include: [fullSerial], ...alone } },
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
