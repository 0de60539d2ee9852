import type { DeploymentPlan, NodeGroup } from "../../src/contracts/deployment.ts";
import type { Endpoint } from "../../src/contracts/nodes/node.ts";
import type { Protocol } from "../../src/contracts/protocol.ts";
import { formatAuthority, formatOrigin } from "../../src/core/address.ts";
import { sendHttp } from "../../src/core/http.ts";
import { etcd } from "./etcd.ts";

export interface EtcdOptions {
  /** Arguments of all members. */
  readonly more?: readonly string[];
  /** In place of the program itself. */
  readonly path?: string;
  readonly ports?: NodeGroup["ports"];
}

/** A committee of etcd members, written by hand. */
export function planEtcd(count: number, { more = [], path, ports }: EtcdOptions = {}): DeploymentPlan {
  return {
    protocol: "etcd",
    groups: [
      {
        role: "member",
        count,
        program: { ...etcd, path: path ?? etcd.path },
        ports,
        planes: ["rpc", "peer"],
        configure: (node, view) => {
          const rpc = formatOrigin("http", view.listen("rpc"));
          const peer = formatOrigin("http", view.listen("peer"));
          const cluster = view.nodes.map(
            ({ name }) => `${name}=http://${formatAuthority(view.endpoint(name, "peer"))}`,
          );
          const args = [
            `--name=${node.name}`,
            `--data-dir=${view.home}/data`,
            `--listen-client-urls=${rpc}`,
            `--advertise-client-urls=${rpc}`,
            `--listen-peer-urls=${peer}`,
            `--initial-advertise-peer-urls=${peer}`,
            `--initial-cluster=${cluster.join(",")}`,
            "--logger=zap",
            ...more,
          ];
          return { args, files: [], env: { ETCD_LOG_LEVEL: "info" } };
        },
      },
    ],
  };
}

/** Its health says neither height nor peers. */
export const etcdProtocol: Pick<Protocol, "probe"> = {
  probe: async (rpc, { timeoutMs, signal }) => {
    const request = { method: "GET", path: "/health", timeoutMs, signal } as const;
    const { status, body } = await sendHttp(formatOrigin("http", rpc), request);
    if (status !== 200 || !body.includes('"health":"true"')) throw new Error(`status ${status}: ${body}`);
    return { catchingUp: false };
  },
};

async function post(rpc: Endpoint, path: string, message: object): Promise<Record<string, unknown>> {
  const request = { method: "POST", path, body: JSON.stringify(message), timeoutMs: 5000 } as const;
  const { status, body } = await sendHttp(formatOrigin("http", rpc), request);
  if (status !== 200) throw new Error(`status ${status}: ${body}`);
  return JSON.parse(body) as Record<string, unknown>;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

export async function putText(rpc: Endpoint, key: string, value: string): Promise<void> {
  await post(rpc, "/v3/kv/put", { key: base64(key), value: base64(value) });
}

/** What this member itself holds; undefined: nothing. */
export async function readText(rpc: Endpoint, key: string): Promise<string | undefined> {
  const reply = await post(rpc, "/v3/kv/range", { key: base64(key), serializable: true });
  const [found] = (reply.kvs ?? []) as { value: string }[];
  return found === undefined ? undefined : Buffer.from(found.value, "base64").toString();
}
