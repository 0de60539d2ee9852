/** Programs that were made elsewhere, and plans of them written by hand. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeploymentPlan, ForeignProgram, NodeGroup } from "../../src/contracts/deployment.ts";
import type { Plane } from "../../src/contracts/nodes/node.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { etcd } from "../support/etcd.ts";

const source = fileURLToPath(new URL("beacon.c", import.meta.url));

/** Why the tests' own program cannot be built here; undefined where it can. */
export const whyNoCompiler = await findOut(
  ["gcc", "--version"],
  "(SKIPPED: there is no gcc; npm test installs it as root on Debian or Ubuntu)",
);

/** Builds test/docker/beacon.c into a folder, without shared libraries unless they are asked for. */
export async function buildBeacon(folder: string, linking: "static" | "dynamic" = "static"): Promise<string> {
  const path = join(folder, `beacon-${linking}`);
  const flags = linking === "static" ? ["-static"] : [];
  await runCommand(["gcc", "-O1", ...flags, "-o", path, source], { env: process.env, timeoutMs: 60_000 });
  return path;
}

async function findOut(argv: readonly string[], why: string): Promise<string | undefined> {
  try {
    await runCommand(argv, { env: process.env, timeoutMs: 30_000 });
    return undefined;
  } catch {
    return why;
  }
}

export const beaconPlanes: readonly Plane[] = ["rpc"];

export function beaconOf(how: Pick<ForeignProgram, "path" | "image" | "entrypoint">): ForeignProgram {
  return { kind: "foreign-program", name: "Test Beacon", remedy: "Build it with gcc.", ...how };
}

/** One node that tells its identifier, and others that are told it before they start; of one program or two. */
export function planBeacons(
  program: ForeignProgram,
  followers: number,
  bootstrap: ForeignProgram = program,
): DeploymentPlan {
  const group = (role: string, count: number, options: Partial<NodeGroup>): NodeGroup => ({
    role,
    count,
    program,
    planes: beaconPlanes,
    configure: (_node, view) => ({
      args: [String(view.listen("rpc").port), "nobody"],
      env: { GREETING: "costs $5" },
      files: [],
    }),
    ...options,
  });
  return {
    protocol: "beacons",
    groups: [
      // Before the one that it needs: the order is not that of the list.
      group("follower", followers, {
        startAfter: ["bootstrap"],
        configure: (_node, view) => {
          const first = view.nodes.find(({ role }) => role === "bootstrap")?.name ?? "";
          const known = `${view.exported(first, "logged")} ${view.exported(first, "asked")}`;
          return { args: [String(view.listen("rpc").port), known], files: [] };
        },
      }),
      group("bootstrap", 1, {
        program: bootstrap,
        ports: { rpc: 4000 },
        exports: {
          logged: { from: "log", pattern: /^identifier=(\w+)$/ },
          asked: { from: "http", plane: "rpc", path: "/", pointer: "/identifier" },
        },
      }),
    ],
  };
}

/** Members of an etcd cluster, which know each other by their names. */
export function planEtcd(count: number, program: ForeignProgram = etcd): DeploymentPlan {
  return {
    protocol: "etcd",
    groups: [
      {
        role: "member",
        count,
        program,
        planes: ["rpc", "peer"],
        ports: { rpc: 2379, peer: 2380 },
        configure: (node, view) => {
          const url = ({ host, port }: { host: string; port: number }) => `http://${host}:${port}`;
          const members = view.nodes.map(({ name }) => `${name}=${url(view.endpoint(name, "peer"))}`);
          return {
            args: [
              ...["--name", node.name, "--data-dir", `${view.home}/data`],
              ...["--listen-client-urls", url(view.listen("rpc"))],
              ...["--advertise-client-urls", url(view.endpoint(node.name, "rpc"))],
              ...["--listen-peer-urls", url(view.listen("peer"))],
              ...["--initial-advertise-peer-urls", url(view.endpoint(node.name, "peer"))],
              ...["--initial-cluster", members.join(",")],
            ],
            files: [],
          };
        },
      },
    ],
  };
}
