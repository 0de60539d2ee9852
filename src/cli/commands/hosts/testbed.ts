import { quoteArgv } from "../../../core/quote.ts";
import { refuse } from "../../../run/prepare/preflight.ts";
import { readOwn, refuseUnused } from "../../options/command-options.ts";
import type { CommandBackend } from "../../terminal/command-backend.ts";
import { type Command, openSteps, printFound } from "../../terminal/context.ts";

/** `testbed up|down`: hosts for a trial, as containers with sshd on this machine. */
export const runTestbed: Command = async (request, context, { testbed }) => {
  const [action] = request.words;
  const usual = { count: 4, docker: true, hostsFile: "./testbed.env", images: false };
  const { images, ...up } = readOwn(request, usual);
  const others = action === "down" ? ["count", "docker", "hostsFile"] : action === "up" ? ["images"] : [];
  refuseUnused(request, others, `testbed ${action}`);
  refuse(request.diagnostics);
  const watch = { signal: context.signal, onStep: openSteps(context) };
  if (action === "down") {
    const removed = await testbed.down({ images }, watch);
    const lines =
      removed.length === 0 ? ["No test hosts are left."] : ["Removed:", ...removed.map((one) => `  ${one}`)];
    printFound(context, () => ({ removed }), lines.join("\n"));
    return 0;
  }
  context.setLeftBehind(() => [
    "Left behind: parts of the test hosts. Remove them with: npx baleen testbed down",
  ]);
  const made = await testbed.up(up, watch);
  printFound(context, () => made, formatMade(made));
  return 0;
};

function formatMade({
  hosts,
  hostsFile,
  rpcVia,
}: Awaited<ReturnType<CommandBackend["testbed"]["up"]>>): string {
  const widest = Math.max(...hosts.map(({ name }) => name.length));
  // A committee of fewer than four tolerates no fault, and has to be asked for in so many words.
  const few = hosts.length < 4 ? " --allow-no-faults" : "";
  const committee = hosts.length === 4 ? "" : ` --committee ${hosts.length}${few}`;
  const way = rpcVia === undefined ? "" : ` --rpc-via ${rpcVia}`;
  const file = quoteArgv([hostsFile]);
  return [
    `Test hosts: ${hosts.length}`,
    ...hosts.map(({ name, address }) => `  ${name.padEnd(widest)}  ${address}`),
    `Hosts file: ${hostsFile}`,
    "",
    "Use them with:",
    `  npx benchmark --network-type remote --hosts ${file}${committee}${way} --loads 50,100 --duration 10 --cleanup-thorough`,
    "Remove them with:",
    "  npx baleen testbed down",
  ].join("\n");
}
