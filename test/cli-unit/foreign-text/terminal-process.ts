// Runs all places and outputs, one after the other, on the terminal that it is started on. Its folder is the argument.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { commands } from "../../../src/cli/command-runners.ts";
import { type Edge, run } from "../../../src/cli/main.ts";
import { farPlaces } from "./far-places.ts";
import { outputs, outputText } from "./outputs.ts";
import { places } from "./places.ts";
import { heading, poison } from "./poison.ts";

const folder = process.argv[2] ?? "";

function edgeOf(env: Readonly<Record<string, string>>): Edge {
  const base = { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: join(folder, "state") };
  return {
    on: (event, listener) => process.on(event as "exit", listener),
    off: (event, listener) => process.off(event as "exit", listener),
    ...{ stdout: process.stdout, stderr: process.stderr, exit: () => undefined },
    env: { ...base, DOCKER_HOST: "unix:///nowhere/docker.sock", TERM: "xterm-256color", ...env },
  };
}

const begin = (name: string) => process.stdout.write(`\n${heading(name)}\n`);

for (const [index, { name, prepare }] of [...places, ...farPlaces].entries()) {
  const own = join(folder, String(index));
  await mkdir(own);
  const { argv, env = {} } = await prepare(poison(`place${index}.`), own);
  begin(name);
  await run("baleen", argv, { edge: edgeOf(env), commands });
}
for (const [index, { name, flags = [], write }] of outputs.entries()) {
  begin(name);
  const show: typeof commands.benchmark = async (_, context) => {
    await write(outputText(index), context);
    return 0;
  };
  const edge = edgeOf({});
  await run("baleen", ["benchmark", ...flags], { edge, commands: { ...commands, benchmark: show } });
}
begin("end");
process.exit(0);
