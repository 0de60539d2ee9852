import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/system/**", "test/cli/**", "test/**/*.timing.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "system",
          // One file at a time: engines, ports and whole commands, and whatever measures time.
          include: ["test/system/**/*.test.ts", "test/cli/**/*.test.ts", "test/**/*.timing.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
