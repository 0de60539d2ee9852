/** Real etcd members on this machine, and how they are described. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Protocol } from "../../../../src/contracts/protocol.ts";
import { until } from "../../../../src/core/async.ts";
import { sendHttp } from "../../../../src/core/http.ts";
import { findFreePorts } from "../../../../src/deploy/nodes/ports.ts";
import {
  buildCustomProtocol,
  type OpenedProtocol,
  parseCustomProtocol,
} from "../../../../src/protocol/custom/custom.ts";
import type { CustomFile, PollingEntry } from "../../../../src/protocol/custom/schema/schema.ts";
import { etcdPath } from "../../../support/etcd.ts";

const host = "127.0.0.1";

const example = fileURLToPath(new URL("../../../../examples/etcd/etcd.yaml", import.meta.url));

/** The example's cluster; each member's own watch tells of its commits. */
export async function watchedEtcd(): Promise<Protocol> {
  const text = await readFile(example, "utf8");
  return adapterIn(parseCustomProtocol(text, { file: example, folder: dirname(example) }));
}

/** The adapter that was made; throws what is wrong where there is none. */
export function adapterIn({ protocol, diagnostics }: OpenedProtocol): Protocol {
  if (protocol === undefined) throw new TypeError(diagnostics.map(({ message }) => message).join("\n"));
  return protocol;
}

const revisions: PollingEntry = {
  by: "polling",
  path: "/v3/kv/range",
  // All keys, from the one before all others on, as the member itself has them.
  json: {
    key: "AA==",
    range_end: "AA==",
    min_mod_revision: "${cursor}",
    serializable: true,
    keys_only: true,
  },
  items: "/kvs",
  transaction: "/key",
  encoding: "base64",
  position: { item: "/mod_revision" },
  start: {
    path: "/v3/kv/range",
    json: { key: "AA==", count_only: true, serializable: true },
    position: "/header/revision",
  },
};

/** The same, where each member is asked for the keys that changed since the last revision seen. */
export async function polledEtcd(): Promise<Protocol> {
  const { definition } = await watchedEtcd();
  const polled = { ...(definition as CustomFile), name: "etcd-polled", commits: revisions };
  return adapterIn(buildCustomProtocol(polled));
}

export interface Member {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** By SIGKILL; resolves when it has ended. */
  readonly kill: () => Promise<void>;
}

export interface EtcdCluster extends AsyncDisposable {
  readonly members: readonly Member[];
  /** The member that leads now. */
  readonly leader: () => Promise<Member>;
  /** Starts one again that was killed. */
  readonly restart: (member: Member) => void;
}

/** Starts members with the default time-outs; resolves when all of them have a leader. */
export async function startEtcd(count: number): Promise<EtcdCluster> {
  const folder = await mkdtemp(join(tmpdir(), "baleen-etcd-"));
  const ports = await findFreePorts(2 * count, host);
  const urls = (place: number) => ({
    client: `http://${host}:${ports[2 * place]}`,
    peer: `http://${host}:${ports[2 * place + 1]}`,
  });
  const cluster = Array.from({ length: count }, (_, place) => `member${place}=${urls(place).peer}`).join(",");
  const processes: ChildProcess[] = [];
  const launch = (place: number) => {
    const { client, peer } = urls(place);
    const name = `member${place}`;
    const options = {
      name,
      "data-dir": join(folder, name),
      "listen-client-urls": client,
      "advertise-client-urls": client,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": cluster,
      logger: "zap",
      "log-level": "error",
    };
    const args = Object.entries(options).map(([option, value]) => `--${option}=${value}`);
    processes[place] = spawn(etcdPath, args, { stdio: "ignore" });
  };
  const kill = async (place: number) => {
    const child = processes[place];
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  for (let place = 0; place < count; place++) launch(place);
  const members = Array.from(
    { length: count },
    (_, place): Member => ({
      name: `member${place}`,
      port: ports[2 * place] as number,
      get pid() {
        return processes[place]?.pid ?? 0;
      },
      kill: () => kill(place),
    }),
  );
  const started: EtcdCluster = {
    members,
    leader: () => findLeader(members),
    restart: (member) => launch(members.indexOf(member)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map((member) => member.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    for (const member of members) await healthOf(member);
    return started;
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

async function healthOf({ port }: Member): Promise<true> {
  return await until(
    async () => {
      const request = { method: "GET", path: "/health", timeoutMs: 2000 } as const;
      const reply = await sendHttp(`http://${host}:${port}`, request).catch(() => undefined);
      return reply?.status === 200 ? true : undefined;
    },
    { timeoutMs: 60_000, everyMs: 50, describe: () => `the member on port ${port} did not become healthy` },
  );
}

interface Status {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
}

/** Waits for one where there is none. */
async function findLeader(members: readonly Member[]): Promise<Member> {
  return await until(
    async () => {
      for (const member of members) {
        const request = {
          method: "POST",
          path: "/v3/maintenance/status",
          body: "{}",
          timeoutMs: 2000,
        } as const;
        const reply = await sendHttp(`http://${host}:${member.port}`, request).catch(() => undefined);
        if (reply?.status !== 200) continue;
        const { header, leader } = JSON.parse(reply.body) as Status;
        if (header.member_id === leader) return member;
      }
      return undefined;
    },
    { timeoutMs: 30_000, everyMs: 50, describe: () => "no member leads" },
  );
}
