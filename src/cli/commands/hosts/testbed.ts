import type { Clock } from "../../../core/clock.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { quoteArgv } from "../../../core/text/quote.ts";
import type { ListedTestbed, Testbed } from "../../../deploy/chosen-deployer.ts";
import { downCommand, usualTestbed } from "../../../deploy/testbed/layout.ts";
import { nothingSeen, seen } from "../../../results/report/text/figures.ts";
import { formatAge } from "../../../results/report/text/node-list.ts";
import { formatTable, left, right } from "../../../results/report/text/table.ts";
import { refuse } from "../../../run/prepare/preflight.ts";
import { readOwn, refuseUnused, testbedName } from "../../options/command-options.ts";
import { type Command, openSteps, printFound } from "../../terminal/context.ts";

/** `testbed up|ls|down`: hosts for a trial, as containers with sshd on this machine. */
export const runTestbed: Command = async (request, context, { testbed }) => {
  const [action = ""] = request.words;
  const name = request.read(testbedName, request.given.name, usualTestbed);
  const usual = { count: 4, docker: true, hostsFile: undefined, images: false };
  const { images, ...made } = readOwn(request, usual);
  refuseUnused(request, unusedBy[action] ?? [], `testbed ${action}`);
  refuse(request.diagnostics);
  const watch = { signal: context.signal, onStep: openSteps(context) };
  if (action === "ls") {
    const listed = await testbed.list(watch);
    printFound(context, () => ({ testbeds: listed.map(listedJson) }), formatListed(listed, context.clock));
    return 0;
  }
  if (action === "down") {
    const removed = await testbed.down({ name, images }, watch);
    const lines =
      removed.length === 0 ? ["No test hosts are left."] : ["Removed:", ...removed.map((one) => `  ${one}`)];
    printFound(context, () => ({ removed }), lines.join("\n"));
    return 0;
  }
  const removal = downCommand(name);
  context.setLeftBehind(() => [`Left behind: parts of the test hosts. Remove them with: ${removal}`]);
  const { hostsFile = usualHostsFile(name), ...up } = made;
  const hosts = await testbed.up({ ...up, name, hostsFile }, watch);
  printFound(context, () => hosts, formatMade(hosts, removal));
  return 0;
};

const unusedBy: Readonly<Record<string, readonly string[]>> = {
  up: ["images"],
  ls: ["name", "count", "docker", "hostsFile", "images"],
  down: ["count", "docker", "hostsFile"],
};

const usualHostsFile = (name: string) => (name === usualTestbed ? "./testbed.env" : `./testbed-${name}.env`);

function listedJson({ name, hosts, image, createdAtMs, hostsFile, usedBy }: ListedTestbed) {
  return {
    ...{ name, hosts, image },
    created: createdAtMs === undefined ? undefined : new Date(createdAtMs).toISOString(),
    hosts_file: hostsFile,
    used_by: usedBy,
  };
}

function formatListed(listed: readonly ListedTestbed[], clock: Clock): string {
  if (listed.length === 0) return "There are no test hosts. Create some with: npx baleen testbed up";
  const columns = [
    left<ListedTestbed>("\nName", ({ name }) => name),
    left<ListedTestbed>("\nHosts", ({ hosts }) =>
      hosts.map(({ address, state }) => address ?? state).join("\n"),
    ),
    left<ListedTestbed>("\nImage", ({ image }) => formatForeign(image ?? nothingSeen)),
    right<ListedTestbed>("\nAge", ({ createdAtMs }) =>
      seen(createdAtMs, (atMs) => formatAge(clock.wallMs() - atMs)),
    ),
    left<ListedTestbed>("\nIn use by run", ({ usedBy }) =>
      usedBy.length === 0 ? nothingSeen : usedBy.map(({ run }) => formatForeign(run)).join("\n"),
    ),
  ];
  return formatTable(columns, listed).replace(/^\n/, "");
}

function formatMade(
  { hosts, hostsFile, rpcVia }: Awaited<ReturnType<Testbed["up"]>>,
  removal: string,
): string {
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
    `  ${removal}`,
  ].join("\n");
}
