import { expect, test } from "vitest";
import { summarizeProfile } from "../../benchmarks/suite/cpu-profile.ts";

function frame(functionName: string, url = "") {
  return { functionName, url, lineNumber: 9 };
}

const profile = {
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 3, 6] },
    { id: 2, callFrame: frame("(idle)") },
    {
      id: 3,
      callFrame: frame("flush", "file:///house/dist/validator/engine/log/write-ahead-log.js"),
      children: [4],
    },
    { id: 4, callFrame: frame("writevSync", "node:fs"), children: [5] },
    { id: 5, callFrame: frame("writeBuffers") },
    { id: 6, callFrame: frame("onread", "node:internal/stream_base_commons") },
  ],
  samples: [2, 5, 5, 3, 6],
  timeDeltas: [100, 10, 20, 5, 1],
};

test("time spent in Node.js counts as the nearest caller's of the project; sums are by part, file and function", () => {
  expect(summarizeProfile(profile, "/house")).toEqual({
    totalUs: 136,
    parts: [
      { name: "idle", selfUs: 100 },
      { name: "log", selfUs: 35 },
      { name: "sockets, files, streams (Node.js)", selfUs: 1 },
    ],
    files: [
      { name: "(idle)", selfUs: 100 },
      { name: "validator/engine/log/write-ahead-log.js", selfUs: 35 },
      { name: "Node.js itself", selfUs: 1 },
    ],
    functions: [
      { name: "(idle)", selfUs: 100 },
      { name: "writeBuffers", selfUs: 30 },
      { name: "flush (dist/validator/engine/log/write-ahead-log.js:10)", selfUs: 5 },
      { name: "onread (node:internal/stream_base_commons:10)", selfUs: 1 },
    ],
  });
});
