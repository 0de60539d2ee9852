/** Checks of the machine itself. */
import { stat } from "node:fs/promises";
import { platform } from "node:os";
import { resolve } from "node:path";
import { withinMs } from "../core/async.ts";
import { type Diagnostic, systemCode } from "../core/errors.ts";
import { formatArgv } from "../core/process/command.ts";
import { checkStateFolder, checkWritable } from "../deploy/process/check.ts";
import { chooseClients } from "../load/level/client-count.ts";
import { knownLoadsTps } from "../load/level/phases.ts";
import { BundleWriteError } from "../results/bundle/write-error.ts";
import { judgeClock, readClockSources } from "./checks/clock.ts";
import { judgeCores, judgeFileLimit, judgeMemory, readCores, readFileLimit } from "./checks/machine.ts";
import { judgePace, type QuietSecond, readGovernors } from "./checks/quiet.ts";
import { judgeDisk, judgeFolders, readSpace } from "./checks/storage.ts";
import type { Check } from "./checks.ts";
import { dockerNeed, type Looks, type Subject } from "./subject.ts";

const limitMs = 15_000;
/** For a file system that is reached over a network and hangs. */
const diskLimitMs = 5_000;

/** @param quiet what was seen before any check began */
export function listMachineChecks(subject: Subject, looks: Looks, quiet: QuietSecond): readonly Check[] {
  const { parameters } = subject;
  const { committee } = parameters;
  const check = (name: string, look: Check["look"]): Check => ({ name, limitMs, look });
  return [
    check("Disk", async () => [judgeDisk(await readDisks(subject, looks))]),
    check("Folders", async () => [judgeFolders(await readFolders(subject))]),
    check("Memory", async () => [judgeMemory({ committee, availableBytes: quiet.memoryAvailableBytes })]),
    check("Cores", async () => {
      const rateTps = Math.max(...knownLoadsTps(parameters));
      const setting = { rateTps, most: parameters.maxInFlight, cores: readCores(), isShared: true };
      const { clients } = chooseClients(parameters, setting);
      return [judgeCores({ committee, cores: setting.cores, clients })];
    }),
    check("Open files", async () => {
      return [judgeFileLimit({ limit: await readFileLimit(), parameters, platform: platform() })];
    }),
    check("CPU frequency", async () => {
      return [judgePace({ governors: await readGovernors(), frequencyMhz: quiet.frequencyMhz })];
    }),
    {
      name: "Clock",
      limitMs: 60_000,
      look: async () => [judgeClock(await readClockSources(), await looks.facts)],
    },
  ];
}

async function readDisks(subject: Subject, { engine }: Looks) {
  const { parameters, stateDir } = subject;
  const dataRoot = await engine.then(
    (found) => found.engine?.info().then((info) => info.dataRoot),
    () => undefined,
  );
  // An engine in a virtual machine has a file system of its own.
  const isHere =
    dataRoot !== undefined &&
    (await stat(dataRoot).then(
      () => true,
      () => false,
    ));
  const spaces = await Promise.all([
    withinMs(diskLimitMs, readSpace(parameters.outputDir, { purpose: "results", isNeeded: true })),
    withinMs(diskLimitMs, readSpace(stateDir, { purpose: "state", isNeeded: true })),
    ...(isHere
      ? [
          withinMs(
            diskLimitMs,
            readSpace(dataRoot, { purpose: "Docker", isNeeded: dockerNeed(subject) !== "unused" }),
          ),
        ]
      : []),
  ]);
  return spaces.filter((space) => space !== undefined);
}

async function readFolders({ parameters, stateDir }: Subject) {
  const outputDir = resolve(parameters.outputDir);
  const [results, state] = await Promise.all([whyNotWritable(outputDir), checkStateFolder(stateDir)]);
  return [
    { purpose: "results", path: outputDir, diagnostic: results },
    { purpose: "state", path: stateDir, diagnostic: state },
  ];
}

/** By rights alone: nothing is written. */
async function whyNotWritable(outputDir: string): Promise<Diagnostic | undefined> {
  try {
    await checkWritable(outputDir);
    return undefined;
  } catch (cause) {
    const isForbidden = systemCode(cause) === "EACCES";
    const path = cause instanceof Error && "path" in cause ? String(cause.path) : outputDir;
    const command = isForbidden ? `sudo chown "$USER" ${formatArgv([path])}` : undefined;
    return { code: "output-dir", message: new BundleWriteError(outputDir, { cause }).message, command };
  }
}
