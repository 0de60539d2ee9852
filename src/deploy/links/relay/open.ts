/** The coordinator's side of the relay. */
import { fileURLToPath } from "node:url";
import { unshaped } from "../../../contracts/links/shape.ts";
import {
  type LinkChange,
  type LinkPair,
  type LinkShaping,
  linksOf,
  type PlannedLinks,
  type ProbedLink,
} from "../../../contracts/links/shaping.ts";
import type { Endpoint, NodeName, Plane } from "../../../contracts/nodes/node.ts";
import { systemClock } from "../../../core/clock.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import type { Environment } from "../../../core/process/environment.ts";
import { bareOf, leastOf } from "../bare.ts";
import { startLinkChild } from "../child.ts";
import { openNews } from "../news.ts";
import { pairKey, shaperChange } from "../plan.ts";
import { openSeconds } from "../seconds.ts";
import { ShapingSession } from "../session.ts";
import { relayOpenedForm, relayOpenForm } from "./messages.ts";

const replyTimeoutMs = 30_000;
const bareEchoes = { packets: 20, perSecond: 100 } as const;

interface RelayRequest {
  readonly links: PlannedLinks;
  /** What nodes listen on that others may reach. */
  readonly targets: readonly {
    readonly node: NodeName;
    readonly plane: Plane;
    readonly endpoint: Endpoint;
  }[];
  readonly nodeBinary: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** Starts a relay for all pairs of nodes. @throws LinksError, CommandError */
export async function openRelay({ links, targets, nodeBinary, env, signal }: RelayRequest) {
  const name = import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js";
  const child = await startLinkChild({
    argv: [nodeBinary, fileURLToPath(new URL(name, import.meta.url))],
    env,
  });
  const news = openNews();
  const read = openSeconds(undefined);
  const session = new ShapingSession(child, "the relay of the links", {
    second: (report) => news.second(read(report)),
    failure: news.failure,
  });
  const changes = linksOf(links.matrix);
  const limits = { timeoutMs: replyTimeoutMs, signal };
  const probe: LinkShaping["probe"] = (request, abort) =>
    session.probe(request, { timeoutMs: replyTimeoutMs, signal: abort });
  try {
    const line = writeForm(relayOpenForm, {
      type: "open-relay",
      id: "open",
      seed: links.seed,
      links: changes.map((change) => shaperChange({ ...change, shape: unshaped })),
      hops: changes.flatMap(({ from, to }) =>
        targets
          .filter(({ node }) => node === to)
          .map(({ plane, endpoint }) => ({ from, to, plane, port: endpoint.port })),
      ),
    });
    const { hops } = await session.exchange("open", line, limits, relayOpenedForm);
    session.expectReports();
    const probed = await probeInPieces(changes, probe, signal);
    const bare = probed.flatMap(bareOf);
    // Nodes that start at the same time make the median late; what is subtracted too much, links lack for the whole run.
    const bareDelays = new Map(probed.map((path) => [pairKey(path), leastOf(path)]));
    const set = async (wanted: readonly LinkChange[], abort: AbortSignal): Promise<number> => {
      const adjusted = wanted.map(({ from, to, shape }) => {
        const delayMs = Math.max(0, shape.delayMs - (bareDelays.get(pairKey({ from, to })) ?? 0));
        return shaperChange({ from, to, shape: { ...shape, delayMs } });
      });
      await session.ask({ type: "set", links: adjusted }, { timeoutMs: replyTimeoutMs, signal: abort });
      return systemClock.monotonicMs();
    };
    if (changes.length > 0) await set(changes, signal);
    const shaping: LinkShaping = {
      mechanism: "relay",
      realTime: false,
      bare,
      set,
      probe,
      onSecond: news.onSecond,
      onFailure: news.onFailure,
    };
    const ports = new Map(hops.map(({ plane, port, ...pair }) => [`${pairKey(pair)}\n${plane}`, port]));
    return {
      shaping,
      pid: child.pid,
      /** Of 127.0.0.1, where a node reaches a plane of another one. */
      portOf: (pair: LinkPair, plane: Plane) => ports.get(`${pairKey(pair)}\n${plane}`),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** More probes at once would wait for one another. */
const probedAtOnce = 30;

async function probeInPieces(
  pairs: readonly LinkPair[],
  probe: LinkShaping["probe"],
  signal: AbortSignal,
): Promise<ProbedLink[]> {
  const all: ProbedLink[] = [];
  for (let at = 0; at < pairs.length; at += probedAtOnce) {
    const some = pairs.slice(at, at + probedAtOnce).map(({ from, to }) => ({ from, to }));
    all.push(...(await probe({ kind: "echo", pairs: some, ...bareEchoes }, signal)));
  }
  return all;
}
