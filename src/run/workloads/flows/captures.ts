/** Dumps of packets that hosts made, brought into the bundle. */
import type { NetworkNode } from "../../../contracts/deployment.ts";
import type { PeerStatusSource } from "../../../contracts/load/peer-events.ts";
import type { Capture } from "../../../contracts/results/native/flow-hosts.ts";
import { formatOrigin } from "../../../core/address.ts";
import { mapBounded } from "../../../core/async.ts";
import { BaleenError, describeError } from "../../../core/errors.ts";
import { fetchBytes } from "../../../core/http.ts";
import { captureFile } from "../../../results/bundle/writer.ts";
import type { FollowedLevel } from "../native/run.ts";

const statusTimeoutMs = 5_000;
/** Dumps are large. */
const dumpTimeoutMs = 60_000;
const hostsAtOnce = 4;
const mostOfHost = 32;

/** Of all hosts that are up; what a host does not hand over is told with why. @throws BundleWriteError */
export async function fetchCaptures(
  level: FollowedLevel,
  status: PeerStatusSource | undefined,
): Promise<readonly Capture[]> {
  const { network, bundle, window } = level;
  if (status === undefined || bundle === undefined) return [];
  const up = network.nodes.filter(({ name }) => !window.down().has(name));
  const found = await mapBounded(up, hostsAtOnce, (node) => ofHost(level, status, node));
  return found.flat();
}

async function ofHost(
  { network, bundle, benchmarkNumber, signal }: FollowedLevel,
  { plane, path }: PeerStatusSource,
  { name: host }: NetworkNode,
): Promise<Capture[]> {
  const origin = formatOrigin("http", network.endpoint(host, "coordinator", plane));
  const get = async (what: string, timeoutMs: number) => {
    const { status, body } = await fetchBytes(origin, { method: "GET", path: what, timeoutMs, signal });
    if (status === 200) return body;
    throw new TypeError(`GET ${what}: status ${status}`);
  };
  const interfaces = await get(path, statusTimeoutMs).then(
    (body) => capturesIn(JSON.parse(body.toString("utf8"))),
    () => [], // that it does not answer is told with its events
  );
  const captures: Capture[] = [];
  for (const iface of interfaces) {
    const file = captureFile(benchmarkNumber, { node: host, iface });
    const place = { file, host, interface: iface };
    try {
      const body = await get(`/capture/${encodeURIComponent(iface)}`, dumpTimeoutMs);
      await bundle?.writeCapture(file, body);
      captures.push({ ...place, bytes: body.length });
    } catch (error) {
      signal.throwIfAborted();
      // A disk that is full concerns all that follows.
      if (error instanceof BaleenError) throw error;
      captures.push({ ...place, bytes: 0, gap: describeError(error) });
    }
  }
  return captures;
}

/** Names of interfaces that a status names. */
function capturesIn(status: unknown): string[] {
  const { captures } = (status ?? {}) as { readonly captures?: unknown };
  if (!Array.isArray(captures)) return [];
  return captures.filter((name) => /^\w[\w.-]{0,63}$/.test(String(name))).slice(0, mostOfHost);
}
