/** The inverse of safety-json.ts. */
import type { RunResult } from "../../../contracts/results/result.ts";
import type { BlockAge, Fork, SafetyReport } from "../../../contracts/results/safety.ts";
import type { Fields } from "../fields.ts";

function parseFork(fork: Fields): Fork {
  return {
    height: fork.count("height"),
    seen: fork.choice("seen", "during", "after"),
    shown: fork.objects("shown", (block) => ({
      node: block.text("node"),
      fingerprint: block.text("fingerprint"),
    })),
    notFollowed: fork.textIfAny("not_followed"),
  };
}

function parseReport(safety: Fields): SafetyReport {
  return {
    comparedHeights: safety.count("compared_heights"),
    uncomparedHeights: safety.count("uncompared_heights"),
    comparedAfterwards: safety.count("compared_afterwards"),
    prefix: safety.optional("prefix", (key) => {
      const prefix = safety.object(key);
      return {
        height: prefix.count("height"),
        fingerprint: prefix.text("fingerprint"),
        nodes: prefix.texts("nodes"),
        chained: prefix.flag("chained"),
      };
    }),
    notAsked: safety.objects("not_asked", (one) => ({ node: one.text("node"), reason: one.text("reason") })),
    forks: safety.objects("forks", parseFork),
  };
}

function parseAge(age: Fields): BlockAge {
  return {
    count: age.count("count"),
    negative: age.count("negative"),
    minMs: age.numberIfAny("min_ms"),
    p50Ms: age.numberIfAny("p50_ms"),
    p99Ms: age.numberIfAny("p99_ms"),
    maxMs: age.numberIfAny("max_ms"),
    meanMs: age.numberIfAny("mean_ms"),
  };
}

/** What such a run has of the two; keys that it has not are absent. */
export function parseSafety(run: Fields, results: Fields): Pick<RunResult, "safety" | "blockAge"> {
  const safety = run.optional("safety", (key) => parseReport(run.object(key)));
  const blockAge = results.optional("block_age", (key) => parseAge(results.object(key)));
  return { ...(safety && { safety }), ...(blockAge && { blockAge }) };
}
