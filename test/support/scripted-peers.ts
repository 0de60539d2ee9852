import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What scripted peers do; places are numbers of messages modulo 100. */
export interface PeerScript {
  /** By "from>to". */
  readonly delaysMs?: Readonly<Record<string, number>>;
  readonly clockAheadMs?: Readonly<Record<string, number>>;
  readonly dropped?: readonly number[];
  readonly late?: readonly number[];
  readonly doubled?: readonly number[];
  /** Events of no consequence a second, of each peer. */
  readonly flood?: number;
}

/** Writes a description of such peers into a folder. @returns its path */
export async function describeScriptedPeers(folder: string, script: PeerScript): Promise<string> {
  const program = fileURLToPath(new URL("scripted-peer.mjs", import.meta.url));
  await copyFile(program, join(folder, "scripted-peer.mjs"));
  const path = join(folder, "scripted.yaml");
  await writeFile(
    path,
    `name: scripted
nodes:
  - role: peer
    program: { binary: node, remedy: Install Node.js. }
    ports: { rpc: any }
    lists:
      others: { item: "\${item.name}=\${item.rpc}", except-self: true }
    files:
      - { path: scripted-peer.mjs, copy: scripted-peer.mjs }
    command:
      - \${node.home}/scripted-peer.mjs
      - \${node.name}
      - \${node.listen.rpc.host}
      - \${node.listen.rpc.port}
      - \${load.node-rate}
      - \${lists.others}
    environment:
      SCRIPT: ${JSON.stringify(JSON.stringify(script))}
health: { path: /status }
load:
  by: peers
  events: { from: http, port: rpc, path: "/events?from=\${cursor}" }
  status: { port: rpc, path: /status, clock: /clock, plan: /plan, connections: /connections }
`,
  );
  return path;
}
