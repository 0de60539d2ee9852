/** A host of a network under test: its daemons, its ends of flows, its dumps, and all that it tells of them. */
import { join } from "node:path";
import { isOfUser } from "../../contracts/load/flow-events.ts";
import { aborted, delay, untilAborted } from "../../core/async.ts";
import { type Handler, jsonReply, type Reply, type Routes, readLines } from "../http.ts";
import { preciseNow } from "../journal.ts";
import { type Capture, startCapture } from "./capture.ts";
import { type Child, runCommand, startChild } from "./children.ts";
import type { FlowEnd, HostConfigFile } from "./config.ts";
import { watchCounters } from "./counters.ts";
import { driveIperf, serveIperf } from "./flow/iperf.ts";
import { runFlowProgram } from "./flow/program.ts";
import { receiveMessages, sendMessages } from "./flow/tcp.ts";
import { type FlowSetting, receiveDatagrams, sendDatagrams } from "./flow/udp.ts";
import { Teller } from "./teller.ts";
import { watchBabel } from "./view/babel.ts";
import { watchBird } from "./view/bird.ts";
import { watchRoutes } from "./view/routes.ts";
import { onlyChanges } from "./view/view.ts";

export interface HostSetting {
  readonly config: HostConfigFile;
  /** Folder that is its own. */
  readonly home: string;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
  /** Names of the interfaces that there are now. */
  readonly interfaces: () => readonly string[];
  readonly signal: AbortSignal;
}

const lookEveryMs = 50;
const longestWindowSecs = 604_800;

export class Host implements AsyncDisposable {
  readonly #setting: HostSetting;
  readonly #teller: Teller;
  readonly #stack = new AsyncDisposableStack();
  readonly #captures: Capture[] = [];
  readonly #children: Child[] = [];
  readonly #window = Promise.withResolvers<number>();
  /** Flows of which nothing has arrived yet. */
  readonly #silent: Set<string>;
  #waitsFor: string | undefined = "its interfaces";
  /** Why it cannot go on. */
  #failure: string | undefined;

  constructor(setting: HostSetting) {
    this.#setting = setting;
    this.#teller = this.#stack.use(new Teller(join(setting.home, "events.ndjson")));
    this.#silent = new Set(setting.config.flows.map(({ name }) => name));
    this.#teller.tell({ type: "start", at: preciseNow() });
  }

  get routes(): Routes {
    const dumps = this.#setting.config.captures.map((iface): [string, Handler] => [
      `GET /capture/${iface}`,
      () => this.#dump(iface),
    ]);
    return {
      "GET /status": () => jsonReply(this.#status()),
      "GET /events": ({ url }) => readLines(url, (from, most) => this.#teller.read(from, most)),
      "POST /start": ({ body }) => this.#start(body),
      ...Object.fromEntries(dumps),
    };
  }

  /** Resolves when the signal aborts. @throws Error where the host cannot be set up */
  async run(): Promise<void> {
    const { config, home, log, interfaces, signal } = this.#setting;
    const wanted = [...Object.keys(config.interfaces), ...config.captures];
    while (!wanted.every((name) => interfaces().includes(name))) await delay(lookEveryMs, signal);
    for (const iface of config.captures) {
      const capture = startCapture(iface, home, log);
      this.#keep(capture.child);
      this.#captures.push(capture);
    }
    for (const argv of config.setUp) await runCommand(argv);
    for (const { name, argv } of config.daemons) this.#startDaemon(name, argv);
    this.#waitsFor = undefined;
    // Also a host without flows stays.
    const counted = watchCounters(
      Object.keys(config.interfaces),
      (event) => this.#teller.tell(event),
      signal,
    );
    const work = [
      aborted(signal),
      counted,
      this.#watch(),
      ...config.flows.map((flow) => this.#runFlow(flow)),
    ];
    await Promise.all(work).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  /** Ends all processes of the host at once: it ends by a fault of its own. */
  abandon(): void {
    for (const { kill } of this.#children) kill();
  }

  #keep(child: Child): Child {
    this.#children.push(child);
    return this.#stack.use(child);
  }

  #startDaemon(daemon: string, argv: readonly [string, ...string[]]): void {
    const { log, signal } = this.#setting;
    const child = this.#keep(startChild(daemon, argv, { log }));
    this.#teller.tell({ type: "daemon", at: preciseNow(), daemon, state: "started" });
    void child.ended.then((why) => {
      if (signal.aborted) return;
      this.#failure = `${daemon} has ended: ${why}`;
      this.#teller.tell({ type: "daemon", at: preciseNow(), daemon, state: "ended", why });
      log(this.#failure);
    });
  }

  async #watch(): Promise<void> {
    const { config, log, signal } = this.#setting;
    const { view, interfaces, hosts } = config;
    if (view === undefined) return;
    const onView = onlyChanges((seen) => this.#teller.tell({ type: "view", at: preciseNow(), ...seen }));
    const setting = { interfaces, hosts, onView, log, signal };
    if (view.from === "babel") await watchBabel(view.port, setting);
    else if (view.from === "bird") await watchBird(view.socket, setting);
    else await watchRoutes(setting);
  }

  async #runFlow(flow: FlowEnd): Promise<void> {
    const { config, log, signal } = this.#setting;
    const onFirst = () => this.#silent.delete(flow.name);
    const own: FlowSetting = { flow, address: config.address, teller: this.#teller, onFirst, log, signal };
    const isSender = flow.role === "sender";
    if (flow.kind === "iperf3") {
      await (isSender ? driveIperf(own, untilAborted(this.#window.promise, signal)) : serveIperf(own));
    } else if (isOfUser(flow.kind)) {
      const windowSecs = untilAborted(this.#window.promise, signal);
      await runFlowProgram(own, windowSecs, (child) => this.#children.push(child));
    } else if (flow.kind === "tcp") await (isSender ? sendMessages(own) : receiveMessages(own));
    else await (isSender ? sendDatagrams(own) : receiveDatagrams(own));
  }

  #status() {
    const silent = [...this.#silent];
    const waiting = silent.length === 0 ? undefined : `the first packet of ${silent.join(", ")}`;
    const waitsFor = this.#failure ?? this.#waitsFor ?? waiting;
    return {
      isReady: waitsFor === undefined,
      ...(waitsFor === undefined ? {} : { waitsFor }),
      clock: preciseNow(),
      plan: this.#setting.config.planHash,
      told: this.#teller.bytes,
      captures: this.#captures.map(({ iface }) => iface),
    };
  }

  #start(body: unknown): Reply {
    const { windowSecs } = (body ?? {}) as { readonly windowSecs?: unknown };
    if (typeof windowSecs !== "number" || !(windowSecs > 0) || windowSecs > longestWindowSecs) {
      return jsonReply({ error: "windowSecs: no length of a window" }, 400);
    }
    this.#window.resolve(windowSecs);
    return jsonReply({});
  }

  async #dump(iface: string): Promise<Reply> {
    const capture = this.#captures.find((one) => one.iface === iface);
    if (capture === undefined) return jsonReply({ error: "it has not begun" }, 404);
    return { status: 200, body: await capture.read(), type: "application/octet-stream" };
  }
}
