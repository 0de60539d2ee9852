import { chown, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readBounded } from "../../../core/documents/read-bounded.ts";
import { type Diagnostic, describeError, systemCode } from "../../../core/errors.ts";
import { quoteArgv } from "../../../core/text/quote.ts";
import type { Standalone } from "../../../deploy/docker/standalone.ts";
import { basePortsOf } from "../../../deploy/nodes/base-ports.ts";
import { writeNodeFiles } from "../../../deploy/process/folder.ts";
import { checkParameters } from "../../../options/checks/check.ts";
import { defaultParameters } from "../../../options/defaults.ts";
import { writing } from "../../../results/bundle/write-error.ts";
import { planNetwork } from "../../../run/prepare/plan-network.ts";
import { preflightLook, refuse } from "../../../run/prepare/preflight.ts";
import { checkSystem } from "../../../run/prepare/system.ts";
import { readOwn } from "../../options/command-options.ts";
import { optionsOf } from "../../options/option-table.ts";
import { type Command, type CommandRequest, openSteps, printFound } from "../../terminal/context.ts";
import { answersFrom, buildArgv } from "../../wizard/answers.ts";
import { writeText } from "./options-file.ts";

const fileName = "docker-compose.yml";
/** The first line of a file that may be replaced. */
const mark = "# A committee for docker compose, made by: npx baleen init compose";

/** `init compose FOLDER`: a committee with image, keys and all that compose needs to start it. */
export const runInitCompose: Command = async (request, context, backend) => {
  const [, folder = ""] = request.words;
  const { yes } = readOwn(request, { yes: false });
  const { parameters, protocol, diagnostics } = checkSystem(request.given, backend, checkParameters);
  const known = [...request.diagnostics, ...(folder === "" ? [folderMissing] : []), ...diagnostics];
  const notify = openSteps(context);
  refuse(known);
  const look = async (signal: AbortSignal) => {
    if (protocol === undefined) throw new TypeError("no protocol was chosen, and no reason was given");
    refuse(await findInTheWay(folder, yes));
    const plan = planNetwork(protocol, parameters, backend.findProgram);
    const asked = { plan, basePorts: basePortsOf(parameters), path: join(folder, fileName) };
    const onStep = (step: string, detail?: string) => notify("compose", step, detail);
    return await backend.makeStandalone(asked, { signal, onStep });
  };
  const made = await preflightLook([], look, context.signal);
  const path = join(folder, fileName);
  const use = describeUse(path, made, request);
  await write(folder, made, formatHeading(made, { ...use, protocol: protocol?.name ?? "" }));
  const nodes = made.nodes.map(({ name, rpc, metrics }) => ({
    name,
    rpc: rpc?.port,
    metrics: metrics?.port,
  }));
  const lines = [
    `Written: ${path}, and beside it a folder for each of ${nodes.length} nodes, with its keys`,
    "Start it, and stop it:",
    `  ${use.start}`,
    `  ${use.stop}`,
    `Measure it: ${use.why}`,
    `  ${use.measure}`,
  ];
  printFound(context, () => ({ written: [path], images: made.images, nodes }), lines.join("\n"));
  return 0;
};

const folderMissing: Diagnostic = {
  code: "missing-argument",
  message: "the folder is missing. Give FOLDER: baleen init compose FOLDER.",
};

/** What is there already stays, unless a former call made it. */
async function findInTheWay(folder: string, yes: boolean): Promise<readonly Diagnostic[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    const message = `${folder}: ${describeError(error)}. Use a new or empty folder.`;
    return [{ code: "file-exists", message }];
  }
  if (names.length === 0) return [];
  const text = await readBounded(join(folder, fileName)).then(String, () => "");
  const isOurs = text.startsWith(`${mark}\n`);
  if (isOurs && yes) return [];
  const remedy = isOurs
    ? "Use another folder, or --yes to replace it, with new keys and without the nodes' data."
    : "Use a new or empty folder.";
  return [{ code: "file-exists", message: `${folder}: the folder is not empty. ${remedy}` }];
}

/** The compose file first: it says that the rest may be replaced. @throws BundleWriteError */
async function write(folder: string, made: Standalone, heading: string): Promise<void> {
  await writeText(join(folder, fileName), made.render(heading));
  const before = (await readdir(folder)).filter((name) => /^node\d+$/.test(name));
  for (const name of before) await writing(folder, () => rm(join(folder, name), { recursive: true }));
  for (const { name, files } of made.nodes) {
    const home = resolve(folder, name);
    await writing(home, async () => {
      await writeNodeFiles(home, files);
      if (made.owner !== undefined) await giveTo(home, made.owner);
    });
  }
}

async function giveTo(folder: string, owner: number): Promise<void> {
  const below = await readdir(folder, { recursive: true });
  for (const path of ["", ...below]) await chown(join(folder, path), owner, owner);
}

/** Command lines for what was made. */
function describeUse(path: string, made: Standalone, { given }: CommandRequest) {
  const compose = [...made.compose, "-f", path];
  const ofSystem = optionsOf("init").filter(
    ({ name, group }) => /Network|Protocol/.test(group) && !name.endsWith("-base-port"),
  );
  const usualPort = defaultParameters.rpcPort;
  const { rpcPort = usualPort } = made;
  const flags = [
    "--docker-compose-path",
    path,
    ...(rpcPort === usualPort ? [] : ["--rpc-port", String(rpcPort)]),
    ...buildArgv(answersFrom(given, ofSystem), ofSystem),
  ];
  const homes = made.hasOwnImages ? "new keys and data" : "the keys and data of this folder";
  return {
    start: quoteArgv([...compose, "up", "-d"]),
    stop: quoteArgv([...compose, "down"]),
    measure: quoteArgv([
      "npx",
      "benchmark",
      ...flags,
      "--loads",
      "100",
      "--duration",
      "30",
      "--cleanup-thorough",
    ]),
    why: `stop it first. Baleen starts the nodes of this file itself, with ${homes}.`,
  };
}

function formatHeading(
  { nodes, images }: Standalone,
  { start, stop, measure, why, protocol }: ReturnType<typeof describeUse> & { readonly protocol: string },
): string {
  const at = (plane: string, port: number | undefined) => (port === undefined ? "" : `  ${plane} on ${port}`);
  const lines = [
    "",
    `${nodes.length} nodes of ${protocol}, on ports of 127.0.0.1:`,
    ...nodes.map(
      ({ name, rpc, metrics }) => `  ${name}${at("RPC", rpc?.port)}${at("metrics", metrics?.port)}`,
    ),
    "",
    "Start it, and stop it (docker compose and docker-compose take the same words):",
    `  ${start}`,
    `  ${stop}`,
    "",
    `Measure it: ${why}`,
    `  ${measure}`,
    "",
    "Each folder beside this file is the home of a node. It holds the node's private key: keep it to yourself.",
    `The image (${images.join(", ")}) is on this machine only. baleen clean --images removes it`,
    "unless a container uses it; baleen init compose FOLDER --yes makes all of this again, with new keys.",
    "",
  ];
  return [mark, ...lines.map((line) => `# ${line}`.trimEnd()), ""].join("\n");
}
