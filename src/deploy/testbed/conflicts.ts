import { once } from "node:events";
import { access, constants, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { formatAuthority } from "../../core/address.ts";
import { mapBounded } from "../../core/async.ts";
import { type Diagnostic, systemCode, unlessAbsent } from "../../core/errors.ts";
import { holdsPort } from "../docker/ports.ts";
import type { ContainerSummary } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import { findPortHolder } from "../nodes/ports.ts";
import {
  type HostPlace,
  hostsFileMark,
  listEndpoints,
  ownerLabel,
  removalLine,
  testbedLabel,
} from "./layout.ts";

const probesAtOnce = 64;
const probeLimitMs = 2000;

/** What keeps hosts from standing at their places: names and ports that others hold. Changes nothing. */
export async function findConflicts(
  places: readonly HostPlace[],
  { engine, id }: { readonly engine: Engine; readonly id: string },
): Promise<Diagnostic[]> {
  const containers = await engine.listContainers();
  const isOurs = ({ labels }: ContainerSummary) => labels[testbedLabel] === id;
  const others = containers.filter((container) => !isOurs(container));
  const diagnostics = others
    .filter(({ name }) => places.some((place) => place.name === name))
    .map((container): Diagnostic => ({ code: "testbed-name", message: describeNamesake(container) }));
  const free = new Set(containers.filter(isOurs).flatMap(({ ports }) => ports.map(formatAuthority)));
  const wanted = listEndpoints(places).filter((endpoint) => !free.has(formatAuthority(endpoint)));
  const taken = await mapBounded(wanted, probesAtOnce, async (endpoint) => {
    if (!(await isListenedOn(endpoint))) return undefined;
    const container = others.find((each) => holdsPort(each, endpoint));
    const holder =
      container === undefined
        ? ((await findPortHolder(endpoint.port, endpoint.host))?.description ?? "another process")
        : `container ${container.name}`;
    return { ...endpoint, holder };
  });
  return [...diagnostics, ...describeTaken(taken.filter((port) => port !== undefined))];
}

/** One diagnostic for each holder, not for each port. */
function describeTaken(taken: readonly (Endpoint & { holder: string })[]): Diagnostic[] {
  return [...new Set(taken.map(({ holder }) => holder))].map((holder) => {
    const ports = taken.filter((port) => port.holder === holder).map(formatAuthority);
    const shown = ports.slice(0, 4).join(", ") + (ports.length > 4 ? ` and ${ports.length - 4} more` : "");
    const message = `Test hosts need ${shown}, taken by ${holder}. End it, or use fewer hosts (--count).`;
    return { code: "testbed-port", message };
  });
}

function describeNamesake({ name, labels }: ContainerSummary): string {
  const owner = labels[ownerLabel];
  const whose =
    owner === undefined
      ? "which is not a test host"
      : `a test host of someone else (kept in ${owner}; the same command removes it there)`;
  return `A container ${name} already exists, ${whose}. Give your test hosts another --name, or remove it with: docker rm -f ${name}`;
}

/** The ports' own sshd listens below 1024, where only root may try to listen: so it is tried by connecting. */
export async function isListenedOn(endpoint: Endpoint): Promise<boolean> {
  const limit = AbortSignal.timeout(probeLimitMs);
  const socket = connect(endpoint);
  try {
    await once(socket, "connect", { signal: limit });
    return true;
  } catch (error) {
    if (systemCode(error) === "ECONNREFUSED") return false;
    if (systemCode(error) === "ECONNRESET" || limit.aborted) return true;
    throw error;
  } finally {
    socket.destroy();
  }
}

/** What keeps the hosts file from being written. Changes nothing. */
export async function findHostsFileDiagnostics(path: string, testbed: string): Promise<Diagnostic[]> {
  const diagnostic = (what: string): Diagnostic[] => {
    return [{ code: "testbed-hosts-file", message: `${what}. Name another file with --hosts-file.` }];
  };
  try {
    await access(dirname(path), constants.W_OK);
    const text = await unlessAbsent(readFile(path, "utf8"));
    if (text === undefined) return [];
    if (!text.startsWith(hostsFileMark)) {
      return diagnostic(`${path} was not created for test hosts, so it is not overwritten`);
    }
    const [removal] = /^# Remove them: .*$/m.exec(text) ?? [];
    if (removal === undefined || removal === removalLine(testbed)) return [];
    return diagnostic(`${path} is the hosts file of another testbed, so it is not overwritten`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return diagnostic(`The hosts file ${path} cannot be written: ${why}`);
  }
}
