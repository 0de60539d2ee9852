/** Checks of the machine itself. */
import { stat } from "node:fs/promises";
import { availableParallelism, platform } from "node:os";
import { resolve } from "node:path";
import { withinMs } from "../core/async.ts";
import { type Diagnostic, systemCode } from "../core/errors.ts";
import { formatArgv } from "../core/process/command.ts";
import { checkStateFolder, checkWritable } from "../deploy/process/check.ts";
import { chooseClients } from "../load/level/client-count.ts";
import { knownLoadsTps } from "../load/level/phases.ts";
import { BundleWriteError } from "../results/bundle/write-error.ts";
import {
  judgeClock,
  judgeCores,
  judgeFileLimit,
  judgeMemory,
  readClockSources,
  readFileLimit,
} from "./checks/machine.ts";
import { judgePace, type QuietSecond, readGovernors } from "./checks/quiet.ts";
import { judgeDisk, judgeFolders, readSpace } from "./checks/storage.ts";
import { type Check, namedCheck } from "./checks.ts";
import { dockerNeed, type Looks, type Subject } from "./subject.ts";

const limitMs = 15_000;
const clockLimitMs = 60_000;
/** For a file system that is reached over a network and hangs. */
const diskLimitMs = 5_000;

/** @param quiet what was seen before any check began */
export function listMachineChecks(subject: Subject, looks: Looks, quiet: QuietSecond): readonly Check[] {
  const { parameters } = subject;
  const { committee } = parameters;
  return [
    namedCheck("Disk", limitMs, async () => [judgeDisk(await readDisks(subject, looks))]),
    namedCheck("Folders", limitMs, async () => [judgeFolders(await readFolders(subject))]),
    namedCheck("Memory", limitMs, async () => [judgeMemory(committee, quiet.memoryAvailableBytes)]),
    namedCheck("Cores", limitMs, async () => {
      const rateTps = Math.max(...knownLoadsTps(parameters));
      const cores = availableParallelism();
      const setting = { rateTps, most: parameters.maxInFlight, cores, isShared: true };
      const { clients } = chooseClients(parameters, setting);
      return [judgeCores({ committee, cores, clients })];
    }),
    namedCheck("Open files", limitMs, async () => [
      judgeFileLimit(await readFileLimit(), parameters, platform()),
    ]),
    namedCheck("CPU frequency", limitMs, async () => [judgePace(await readGovernors(), quiet.frequencyMhz)]),
    namedCheck("Clock", clockLimitMs, async () => [judgeClock(await readClockSources(), await looks.facts)]),
  ];
}

async function readDisks({ parameters, stateDir }: Subject, { engine }: Looks) {
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
  const isNeeded = dockerNeed({ parameters }) !== "unused";
  const spaces = await Promise.all(
    [
      { folder: parameters.outputDir, purpose: "results", isNeeded: true },
      { folder: stateDir, purpose: "state", isNeeded: true },
      ...(isHere ? [{ folder: dataRoot, purpose: "Docker", isNeeded }] : []),
    ].map(({ folder, ...what }) => withinMs(diskLimitMs, readSpace(folder, what))),
  );
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
