/** What BIRD says at its control socket of its neighbours by OSPF, and of the routes that it prefers. */
import { createConnection } from "node:net";
import type { ViewedLink, ViewedRoute } from "../../../contracts/load/flow-events.ts";
import { delay } from "../../../core/async.ts";
import { describeError } from "../../../core/errors.ts";
import { bestOf, hostsByPrefix, type View, type ViewSetting } from "./view.ts";

/** It tells of no change by itself, so it is asked this often. */
const everyMs = 100;
/** Far more than the routes of all hosts take. */
const longestReply = 4 * 1024 * 1024;

type Hosts = Pick<ViewSetting, "interfaces" | "hosts">;

/** Lines of a reply, without their codes. */
interface Reply {
  readonly lines: readonly string[];
  /** Why the command was refused: the last line of such a reply. */
  readonly refusal?: string | undefined;
}

/** "1013-text" and " text" are lines of a reply, "0013 text" is its last one; 8 and 9 are errors, "+" is its log. */
async function* repliesIn(chunks: AsyncIterable<string>): AsyncGenerator<Reply, undefined> {
  let rest = "";
  let length = 0;
  let lines: string[] = [];
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > longestReply) throw new Error(`a reply is longer than ${longestReply} characters`);
    const whole = (rest + chunk).split("\n");
    rest = whole.pop() ?? "";
    for (const line of whole) {
      if (line.startsWith("+")) continue;
      const [, code = "", end, text = ""] = /^(\d{4})?([ -])(.*)$/.exec(line) ?? [];
      lines.push(text);
      if (code === "" || end === "-") continue;
      yield { lines, refusal: /^[89]/.test(code) ? text : undefined };
      lines = [];
      length = rest.length;
    }
  }
  return undefined;
}

/** Costs of interfaces by name, of `show ospf interface`. */
function costsIn(lines: readonly string[]): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  let iface = "";
  for (const line of lines) {
    const [first = "", second = ""] = line.trim().split(/\s+/);
    if (first === "Interface") iface = second;
    if (first === "Cost:") costs.set(iface, Number(second));
  }
  return costs;
}

/** Of `show ospf neighbors`. A link is of use only to neighbours that know the same of the network ("Full"). */
function linksIn(
  lines: readonly string[],
  costs: ReadonlyMap<string, number>,
  { interfaces }: Hosts,
): ViewedLink[] {
  const links = lines.flatMap((line): ViewedLink[] => {
    const [, , state = "", , iface = ""] = line.trim().split(/\s+/);
    const peer = interfaces[iface]?.peer;
    const cost = state.startsWith("Full") ? costs.get(iface) : undefined;
    return peer === undefined ? [] : [{ peer, ...(cost === undefined ? {} : { cost }) }];
  });
  return bestOf(links);
}

/** Of `show route primary`: a line for each route, and below it one for each of its next hops, of which the first counts. */
function routesIn(lines: readonly string[], { interfaces, hosts }: Hosts): ViewedRoute[] {
  const byPrefix = hostsByPrefix({ hosts });
  const found = new Map<string, ViewedRoute>();
  let route: Pick<ViewedRoute, "to" | "metric"> | undefined;
  for (const line of lines) {
    if (/^\S/.test(line)) {
      const to = byPrefix.get(line.split(" ", 1)[0] ?? "");
      const metric = /\(\d+\/(\d+)/.exec(line)?.[1];
      route =
        to === undefined ? undefined : { to, ...(metric === undefined ? {} : { metric: Number(metric) }) };
      continue;
    }
    const via = interfaces[/^\s+(?:via \S+ on|dev) (\S+)/.exec(line)?.[1] ?? ""]?.peer;
    if (route === undefined || via === undefined || found.has(route.to)) continue;
    found.set(route.to, { to: route.to, via, metric: route.metric, installed: true });
  }
  return [...found.values()];
}

/** One connection. @throws Error when it ends */
async function followBird(
  path: string,
  { setting, say }: { readonly setting: ViewSetting; readonly say: (message: string) => void },
): Promise<never> {
  const { onView, signal } = setting;
  const socket = createConnection({ path, signal }).setEncoding("utf8");
  socket.on("error", () => {}); // whoever reads gets it, too
  try {
    const replies = repliesIn(socket);
    const next = async (): Promise<readonly string[]> => {
      const { value } = await replies.next();
      if (value === undefined) throw new Error("it has closed the connection");
      if (value.refusal !== undefined) say(value.refusal);
      return value.lines;
    };
    const ask = (command: string) => {
      socket.write(`${command}\n`);
      return next();
    };
    await next(); // it says who it is
    while (true) {
      const costs = costsIn(await ask("show ospf interface"));
      const links = linksIn(await ask("show ospf neighbors"), costs, setting);
      const view: View = { links, routes: routesIn(await ask("show route primary"), setting) };
      onView(view);
      await delay(everyMs, signal);
    }
  } finally {
    socket.destroy();
  }
}

/** Connects again and again, and tells what BIRD says. Resolves when the signal aborts. */
export async function watchBird(path: string, setting: ViewSetting): Promise<void> {
  const { log, signal } = setting;
  const said = new Set<string>();
  const say = (message: string) => {
    if (said.has(message) || said.size >= 100) return;
    said.add(message);
    log(`${path}: ${message}`);
  };
  while (!signal.aborted) {
    await followBird(path, { setting, say }).catch((error: unknown) => {
      if (!signal.aborted) say(describeError(error));
    });
    await delay(everyMs, signal).catch(() => {}); // the loop looks at it
  }
}
