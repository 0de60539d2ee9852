/** Whether hosts let through what goes between nodes of a network under test. */
import { randomUUID } from "node:crypto";
import { mapBounded } from "../../../core/async.ts";
import { BaleenError } from "../../../core/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { innerAddress, segmentPort } from "../layout.ts";
import { nodePath } from "../links.ts";
import { describeContainer, type RemoteParts } from "../parts.ts";
import { hostsAtOnce, type OpenHost } from "../session.ts";

const answerWithinMs = 10_000;
const execTimeoutMs = 60_000;

/** Program for `node -e`: listens at a UDP port, and echoes datagrams that contain its word, until SIGTERM. */
const answerProgram = `
const [word, port] = process.argv.slice(1);
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (asked, { port, address }) => String(asked) === word && socket.send(word, port, address));
socket.on("error", ({ code }) => { console.log(code); setInterval(() => {}, 60_000); });
socket.bind(Number(port));
process.on("SIGTERM", () => process.exit());
`;

/** Program for `node -e`: sends the word to each address, and prints as JSON which of them echoed it. */
const askProgram = `
const [word, port, longestMs, addresses] = process.argv.slice(1);
const endMs = performance.now() + Number(longestMs);
const ask = (address) => new Promise((resolve) => {
  const socket = require("node:dgram").createSocket("udp4");
  const end = (isOpen) => { clearInterval(timer); socket.close(); resolve(isOpen); };
  const timer = setInterval(() => {
    if (performance.now() < endMs) socket.send(word, Number(port), address, () => {});
    else end(false);
  }, 100);
  socket.on("message", (answer) => String(answer) === word && end(true));
});
Promise.all(JSON.parse(addresses).map(ask)).then((all) => console.log(JSON.stringify(all)));
`;

/**
 * Tries the way of UDP from every host to every other, from containers that use their host's network, as what connects
 * nodes will.
 *
 * @param image one with Node.js, that all hosts have
 * @returns what is blocked: "host0 → host1 (10.0.1.11:26800, UDP): no answer within 10 s"
 */
export async function findBlockedSegmentWays(parts: RemoteParts, image: string): Promise<string[]> {
  const { hosts, plan, options } = parts;
  if (plan.links?.overlay === undefined) return [];
  const word = randomUUID();
  const args = ["-e", answerProgram, word, String(segmentPort)];
  const answering = new Map<OpenHost<Engine>, string>();
  try {
    await mapBounded(hosts, hostsAtOnce, async (host) => {
      const id = await host.engine.createContainer({
        ...describeContainer(parts, "segment-ways", image),
        ...{ entrypoint: [nodePath], args, networkMode: "host" },
      });
      answering.set(host, id);
      await host.engine.start(id);
    });
    const found = await mapBounded([...answering], hostsAtOnce, async ([host, id]) => {
      const others = hosts.filter((other) => other !== host);
      const open = await ask(host, id, { word, others, signal: options.signal });
      return others.filter((_, place) => open[place] !== true).map((other) => ({ host, other }));
    });
    return await mapBounded(found.flat(), hostsAtOnce, async ({ host, other }) => {
      const target = `${innerAddress(other.spec)}:${segmentPort}, UDP`;
      const failure = (await other.engine.logs(answering.get(other) ?? "", 1)).trim();
      const why =
        failure === ""
          ? `no answer within ${answerWithinMs / 1000} s`
          : `the port cannot be used on ${other.spec.name} (${failure})`;
      return `${host.spec.name} → ${other.spec.name} (${target}): ${why}`;
    });
  } finally {
    await mapBounded([...answering], hostsAtOnce, ([{ engine }, id]) => engine.removeContainer(id));
  }
}

interface Question {
  readonly word: string;
  readonly others: readonly OpenHost[];
  readonly signal: AbortSignal;
}

/** @returns of each other host whether it answered @throws BaleenError where that cannot be tried */
async function ask(
  { engine, spec }: OpenHost<Engine>,
  containerId: string,
  { word, others, signal }: Question,
): Promise<readonly unknown[]> {
  const addresses = JSON.stringify(others.map((other) => innerAddress(other.spec)));
  const argv = [nodePath, "-e", askProgram, word, String(segmentPort), String(answerWithinMs), addresses];
  const { stdout, stderr, exitCode } = await engine.execIn(containerId, argv, {
    signal,
    timeoutMs: execTimeoutMs,
  });
  const open: unknown = exitCode === 0 ? JSON.parse(stdout) : undefined;
  if (Array.isArray(open)) return open;
  const message = `${spec.name} could not try the connections to the other hosts: ${stderr.trim()}`;
  throw new BaleenError("way-check", message);
}
