import { quoteArgv } from "../../../core/quote.ts";
import { boolean, openReader } from "../../../options/rules/rule.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import { ownRules } from "../../options/option.ts";
import { refuseUnused } from "../../options/unused.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import { openSteps } from "../../terminal/steps.ts";

/** `testbed up|down`: hosts for a trial, as containers with sshd on this machine. */
export async function runTestbed(
  request: CommandRequest,
  context: CommandContext,
  { testbed }: CommandBackend,
): Promise<ExitCode> {
  const { given } = request;
  const [action] = request.words;
  const { read, diagnostics } = openReader();
  const up = {
    count: read(ownRules.count, given.count, 4),
    docker: read(boolean, given.docker, true),
    hostsFile: read(ownRules.hostsFile, given.hostsFile, "./testbed.env"),
  };
  const down = { images: read(boolean, given.images, false) };
  const others = action === "down" ? ["count", "docker", "hostsFile"] : action === "up" ? ["images"] : [];
  const unused = refuseUnused(given, others, `testbed ${action}`);
  await preflight([...request.diagnostics, ...diagnostics, ...unused], [], context.signal);
  const watch = { signal: context.signal, onStep: openSteps(context) };
  const { terminal, settings } = context;
  if (action === "down") {
    const removed = await testbed.down(down, watch);
    const lines =
      removed.length === 0 ? ["No test hosts are left."] : ["Removed:", ...removed.map((one) => `  ${one}`)];
    terminal.print(settings.json ? JSON.stringify({ removed }, null, 2) : lines.join("\n"));
    return 0;
  }
  const hint = `remove it with: npx baleen testbed down`;
  context.setLeftBehind(() => [`Left behind: what there is of the test hosts; ${hint}`]);
  const made = await testbed.up(up, watch);
  terminal.print(settings.json ? JSON.stringify(made, null, 2) : formatMade(made));
  return 0;
}

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
