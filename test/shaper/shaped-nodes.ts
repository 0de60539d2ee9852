/** Network namespaces on one bridge, and the shaper's program, for tests of the shaper. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  type OpenCommand,
  type ShaperCommand,
  type ShaperReport,
  shaperCommandForm,
  shaperReportForm,
} from "../../src/contracts/links/shaper.ts";
import { readForm } from "../../src/core/documents/check-form.ts";
import { writeForm } from "../../src/core/documents/write-form.ts";
import { ProcessLines } from "../../src/core/process/lines.ts";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const run = (...[program = "", ...args]: readonly string[]) =>
  execFileSync(program, args, { encoding: "utf8" });
const ip = (words: string) => run("ip", ...words.split(" "));

export const addressOf = (at: number) => `10.77.1.${at + 1}`;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A child whose lines are read one by one. */
function start(argv: readonly string[]) {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = new ProcessLines(child);
  const next = async () => {
    const line = await lines.next(AbortSignal.timeout(30_000));
    return line === undefined ? undefined : JSON.parse(line);
  };
  return { child, next };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** A namespace for each, at the addresses of their places in the list; the bridge has one of its own. */
export class ShapedNodes {
  readonly #names: readonly string[];
  readonly #bridge = `baleen-test-bridge-${process.pid}`;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  create(): void {
    const bridge = this.#bridge;
    ip(`netns add ${bridge}`);
    ip(`-n ${bridge} link add bridge0 type bridge`);
    ip(`-n ${bridge} link set bridge0 up`);
    for (const [at, name] of this.#names.entries()) {
      const namespace = this.#namespace(name);
      ip(`netns add ${namespace}`);
      ip(`-n ${bridge} link add v${at} type veth peer name eth0 netns ${namespace}`);
      ip(`-n ${bridge} link set v${at} master bridge0 up`);
      ip(`-n ${namespace} addr add ${addressOf(at)}/24 dev eth0`);
      for (const device of ["lo", "eth0"]) ip(`-n ${namespace} link set ${device} up`);
    }
  }

  remove(): void {
    for (const name of this.#names) ip(`netns del ${this.#namespace(name)}`);
    ip(`netns del ${this.#bridge}`);
  }

  namespacePath(name: string): string {
    return `/run/netns/${this.#namespace(name)}`;
  }

  rules(name: string): string {
    return run("ip", "netns", "exec", this.#namespace(name), "iptables", "-t", "raw", "-S");
  }

  /** Sends packets. @returns their delays */
  async send(packets: {
    readonly from: string;
    readonly to: string;
    readonly address?: string | undefined;
    readonly count: number;
    readonly perSecond: number;
  }): Promise<number[]> {
    const { from, to, count, perSecond } = packets;
    const receiver = this.#traffic(to, "receive", 9000);
    await receiver.next();
    const address = packets.address ?? this.#addressOf(to);
    const sender = this.#traffic(from, "send", address, 9000, count, perSecond, 64);
    await endOf(sender.child);
    receiver.child.stdin.end();
    return (await receiver.next()).delaysMs;
  }

  /** How long it takes to open a connection. */
  async connectMs(from: string, to: string, port: number): Promise<number> {
    const receiver = this.#traffic(to, "accept", port);
    await receiver.next();
    const found = await this.#traffic(from, "connect", this.#addressOf(to), port).next();
    await endOf(receiver.child);
    return found.ms;
  }

  #addressOf(name: string): string {
    return addressOf(this.#names.indexOf(name));
  }

  #namespace(name: string): string {
    return `baleen-test-${name}-${process.pid}`;
  }

  #traffic(place: string, ...words: readonly (string | number)[]) {
    const namespace = this.#namespace(place);
    const program = [process.execPath, file("./traffic.ts")];
    return start(["ip", "netns", "exec", namespace, ...program, ...words.map(String)]);
  }
}

type Opened = Omit<OpenCommand, "type" | "id" | "seed" | "mtuBytes">;
type Command = Exclude<ShaperCommand, { readonly type: "open" }>;
type Asked = Exclude<Command, { readonly type: "stop" }>;
type Question = Asked extends infer C ? (C extends Asked ? Omit<C, "id"> : never) : never;
type Reply<T> = Extract<ShaperReport, { readonly type: T }>;

/** @throws Error with its reason where it is refused */
export async function startShaper(opened: Opened) {
  const { child, next } = start([process.execPath, file("../../src/shaper/main.ts")]);
  const seconds: Reply<"second">[] = [];
  let last = 0;
  const send = (command: ShaperCommand) =>
    child.stdin.write(`${JSON.stringify(writeForm(shaperCommandForm, command))}\n`);
  const read = async () => {
    const json = await next();
    return json === undefined ? undefined : readForm(shaperReportForm, json);
  };
  const reply = async (): Promise<Exclude<ShaperReport, Reply<"second">>> => {
    for (;;) {
      const report = await read();
      if (report === undefined) throw new Error("the shaper has ended");
      if (report.type !== "second") return report;
      seconds.push(report);
    }
  };
  const shaper = {
    child,
    send: (command: Command) => send(command),
    /** One at a time. */
    ask: async <T extends "done" | "refused" = "done">(question: Question, type: T = "done" as T) => {
      send({ ...question, id: String(++last) } as Asked);
      const report = await reply();
      if (report.type !== type) throw new Error(JSON.stringify(report));
      return report as Reply<T>;
    },
    /** All until its end. */
    seconds: async () => {
      for (let report = await read(); report !== undefined; report = await read()) {
        if (report.type === "second") seconds.push(report);
      }
      return seconds;
    },
    exitCode: async () => {
      await endOf(child);
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await endOf(child);
    },
  };
  send({ type: "open", id: "open", seed: "test", mtuBytes: 1500, ...opened });
  try {
    const ready = await reply();
    if (ready.type !== "ready") throw new Error("reason" in ready ? ready.reason : ready.type);
    return { ...shaper, ready };
  } catch (error) {
    await shaper[Symbol.asyncDispose]();
    throw error;
  }
}
