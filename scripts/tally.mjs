// A vitest reporter that leaves the counts and durations of one run as JSON in the file named by BALEEN_TEST_TALLY.
import { writeFileSync } from "node:fs";

export default class Tally {
  onInit(vitest) {
    this.tagsFilter = vitest.config.tagsFilter?.[0];
  }

  onTestRunEnd(modules, errors) {
    const tests = modules
      .flatMap((module) => [...module.children.allTests()])
      .filter((test) => this.isAsked(test));
    const ended = (state) => tests.filter((test) => test.result().state === state);
    const nameOf = (test) => `${test.module.relativeModuleId}: ${test.fullName}`;
    const tally = {
      passed: ended("passed").length,
      failed: ended("failed").length + modules.filter(failsOutsideTests).length + errors.length,
      failures: [
        ...ended("failed").map((test) => failure(nameOf(test), test.result().errors)),
        ...modules.flatMap((module) =>
          [module, ...module.children.allSuites()]
            .filter((part) => part.errors().length > 0)
            .map((part) =>
              failure(
                part === module ? module.relativeModuleId : `${module.relativeModuleId}: ${part.fullName}`,
                part.errors(),
              ),
            ),
        ),
        ...errors.map((error) => failure("outside all tests", [error])),
      ],
      skipped: [...ended("skipped"), ...ended("pending")].map((test) => ({
        name: nameOf(test),
        reason: test.result().note,
      })),
      tests: [...ended("passed"), ...ended("failed")].map((test) => ({
        name: nameOf(test),
        durationMs: test.diagnostic()?.duration ?? 0,
      })),
    };
    writeFileSync(process.env.BALEEN_TEST_TALLY, JSON.stringify(tally));
  }

  /** Vitest counts tests of the other part as skipped: `full` and `!full` are the two parts that scripts/test.mjs runs. */
  isAsked({ tags }) {
    return this.tagsFilter === undefined || tags.includes("full") === (this.tagsFilter === "full");
  }
}

/** A failure as the end of the output repeats it: what tells it from others, not the whole of it. */
function failure(name, errors) {
  const message = errors?.map((error) => error.message).join("; ") ?? "";
  return { name, message: message.split("\n").slice(0, 3).join(" ").slice(0, 500) };
}

/** A file that cannot be loaded, or a hook that fails, fails no test but leaves its tests undone. */
function failsOutsideTests(module) {
  const suites = [...module.children.allSuites()];
  return module.errors().length > 0 || suites.some((suite) => suite.errors().length > 0);
}
