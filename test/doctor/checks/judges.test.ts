import { describe, expect, test } from "vitest";
import { judgeHost } from "../../../src/doctor/checks/hosts.ts";
import { judgeClock, judgeCores, judgeFileLimit, judgeMemory } from "../../../src/doctor/checks/machine.ts";
import { judgePace, judgeQuiet } from "../../../src/doctor/checks/quiet.ts";
import { judgeContainers, judgePorts, judgeProcesses } from "../../../src/doctor/checks/runtimes.ts";
import { judgeBuild, judgeLeftovers, judgeNode } from "../../../src/doctor/checks/software.ts";
import { type FolderSpace, judgeDisk, judgeFolders } from "../../../src/doctor/checks/storage.ts";
import { type Judgement, stateOf } from "../../../src/doctor/run-checks.ts";
import { defaultParameters } from "../../../src/options/defaults.ts";
import { readyHost } from "../../deploy/provision/facts.ts";

const mib = 1024 ** 2;
const gib = 1024 ** 3;

/** State, codes and commands: "fault port-taken: kill 7". */
function reported(diagnosis: Judgement): string {
  const findings = diagnosis.findings.map(({ code, command }) =>
    command === undefined ? code : `${code}: ${command}`,
  );
  return [stateOf(diagnosis), ...findings].join(" ");
}

const node = (version: string, platform = "linux") =>
  judgeNode({ version, least: "22.19", platform, arch: "x64" });
const space = (freeBytes: number, more: Partial<FolderSpace> = {}): FolderSpace => ({
  purpose: "results",
  path: "/r s",
  isNeeded: true,
  device: 1,
  freeBytes,
  freeFiles: undefined,
  ...more,
});
const du = "du -xh '/r s' | sort -h | tail";
const files = (limit: number | undefined, platform = "linux") =>
  judgeFileLimit(limit, defaultParameters, platform);
const quiet = (second: Parameters<typeof judgeQuiet>[0]) =>
  judgeQuiet(second, defaultParameters.environmentLimits);
const diagnostic = { code: "port-taken", message: "Port 1 is taken.", command: "kill 7" } as const;
const holder = {
  pid: 77,
  processStart: "1",
  run: "abcd",
  since: "2026-01-01T00:00:00Z",
  command: "benchmark",
  id: "x",
};
const raise = "sudo prlimit --pid $$ --nofile=65536";

test.each<[string, Judgement, string]>([
  ["the Node.js that is needed", node("22.19.0"), "ok"],
  ["an older one", node("20.18.1"), "fault node-old"],
  ["an older one of the same year", node("22.18.9"), "fault node-old"],
  ["another system", node("24.0.0", "win32"), "fault system"],
  ["a build of these sources", judgeBuild("current", "1"), "ok"],
  ["a build of others", judgeBuild("stale", "1"), "warning build-stale: npm run build"],
  ["a package", judgeBuild("packed", "1"), "ok"],
  ["a disk with room", judgeDisk([space(gib)]), "ok"],
  ["a disk with little room", judgeDisk([space(gib - 1)]), `warning disk-low: ${du}`],
  ["a full disk", judgeDisk([space(mib)]), `fault disk-full: ${du}`],
  [
    "a full disk that nothing needs",
    judgeDisk([space(mib, { isNeeded: false })]),
    `warning disk-full: ${du}`,
  ],
  ["a disk without inodes", judgeDisk([space(gib, { freeFiles: 3 })]), `fault disk-files: ${du}`],
  ["one full disk of two folders", judgeDisk([space(mib), space(mib)]), `fault disk-full: ${du}`],
  ["disks that do not tell", judgeDisk([]), "ok"],
  ["folders", judgeFolders([{ purpose: "results", diagnostic: undefined }]), "ok"],
  [
    "a folder that is not to be written",
    judgeFolders([{ purpose: "results", diagnostic: { code: "output-dir", message: "No." } }]),
    "fault output-dir",
  ],
  ["memory enough", judgeMemory(4, gib), "ok"],
  ["memory too little", judgeMemory(7, gib), "fault memory: ps -eo rss,pid,args --sort=-rss | head"],
  ["memory that is not told", judgeMemory(7, undefined), "ok"],
  ["cores enough", judgeCores({ committee: 4, cores: 2, clients: 1 }), "ok"],
  ["one core", judgeCores({ committee: 4, cores: 1, clients: 1 }), "warning cores"],
  ["nodes too many", judgeCores({ committee: 9, cores: 2, clients: 1 }), "warning cores"],
  ["files enough", files(1184), "ok"],
  ["files too few for a full load", files(1183), `warning open-files: ${raise}`],
  ["files too few for any", files(159), `fault open-files: ${raise}`],
  ["the same on macOS", files(159, "darwin"), "fault open-files: ulimit -n 65536"],
  ["no limit of files", files(undefined), "ok"],
  ["a quiet machine", quiet({ backgroundRatio: 0.1, stealRatio: 0.05, memoryPressureRatio: 0.1 }), "ok"],
  ["others' load", quiet({ backgroundRatio: 0.101 }), "warning background-load: top -o %CPU"],
  ["other machines", quiet({ stealRatio: 0.06 }), "warning steal"],
  ["a lack of memory", quiet({ memoryPressureRatio: 0.5 }), "warning memory-pressure: top -o %MEM"],
  ["a machine that does not tell", quiet({}), "ok"],
  ["a clock kept up", judgePace(["performance"], 3000), "ok"],
  ["a virtual machine's", judgePace([], undefined), "ok"],
  [
    "a clock that is lowered",
    judgePace(["performance", "powersave"], 800),
    "warning cpu-governor: sudo cpupower frequency-set --governor performance",
  ],
  ["a fast clock", judgeClock({ current: "tsc", available: [] }, readyHost), "ok"],
  [
    "a slow clock",
    judgeClock({ current: "hpet", available: ["hpet", "tsc"] }, undefined),
    "warning clock-source: echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource",
  ],
  [
    "a slow clock and no other",
    judgeClock({ current: "jiffies", available: ["jiffies"] }, undefined),
    "warning clock-source",
  ],
  [
    "a clock that nothing keeps right",
    judgeClock({ current: undefined, available: [] }, { ...readyHost, clockSynchronized: false }),
    "warning clock-not-synchronized: sudo timedatectl set-ntp true",
  ],
  ["containers", judgeContainers([], { nodes: "4 nodes", missing: [] }), "ok"],
  [
    "an image that is to be pulled",
    judgeContainers([], { nodes: "4 nodes", missing: ["a/b:1"] }),
    "warning image-missing: docker pull a/b:1",
  ],
  [
    "containers that cannot be",
    judgeContainers([diagnostic], { nodes: "", missing: [] }),
    "fault port-taken: kill 7",
  ],
  [
    "processes that cannot be",
    judgeProcesses([diagnostic], { nodes: "", isUsed: true }),
    "fault port-taken: kill 7",
  ],
  ["processes that need not be", judgeProcesses([diagnostic], { nodes: "", isUsed: false }), "ok"],
  [
    "ports that are taken",
    judgePorts({ diagnostics: [diagnostic], wanted: 8 }, true),
    "fault port-taken: kill 7",
  ],
  [
    "the same without containers",
    judgePorts({ diagnostics: [diagnostic], wanted: 8 }, false),
    "warning port-taken: kill 7",
  ],
  ["ports as they come", judgePorts({ diagnostics: [], wanted: 0 }, true), "ok"],
  ["nothing left", judgeLeftovers([], undefined), "ok"],
  [
    "a run under way",
    judgeLeftovers([{ run: "abcd", inUse: true, what: [] }], holder),
    "fault locked: kill 77",
  ],
  [
    "what a killed run left",
    judgeLeftovers([{ run: "dead", inUse: false, what: ["container node0 (exited)"] }], undefined),
    "warning leftovers: npx baleen clean --run dead",
  ],
])("%s", (_, diagnosis, expected) => {
  expect(reported(diagnosis)).toBe(expected);
});

describe("a host", () => {
  const report = {
    name: "eu",
    address: "ubuntu@10.0.1.10:22",
    facts: [["Docker", "28.2.2"]] as const,
    diagnostics: [],
    notes: [],
    steps: [],
  };
  const unknown = { code: "host-key-unknown", message: "The key is not known." } as const;

  test("is told as hosts check tells it", () => {
    expect(judgeHost(report, false)).toEqual({
      name: "Host eu",
      summary: "ubuntu@10.0.1.10:22, Docker 28.2.2",
      findings: [],
    });
    expect(reported(judgeHost({ ...report, notes: ["It is a snap."] }, false))).toBe("warning host-note");
    expect(reported(judgeHost({ ...report, diagnostics: [diagnostic] }, false))).toBe(
      "fault port-taken: kill 7",
    );
  });

  test("may be new where a run would accept that", () => {
    expect(reported(judgeHost({ ...report, diagnostics: [unknown] }, false))).toBe("fault host-key-unknown");
    expect(reported(judgeHost({ ...report, diagnostics: [unknown] }, true))).toBe("warning host-key-unknown");
  });
});
