/**
 * Two network namespaces with a link between them, and the link shaper: run inside a kernel that has netem. Prints one
 * line, "RESULT " and JSON.
 */
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type LinkShape, unshaped } from "../../src/contracts/links/shape.ts";
import {
  type OpenCommand,
  type ShaperCommand,
  type ShaperReport,
  shaperCommandForm,
  shaperReportForm,
} from "../../src/contracts/links/shaper.ts";
import { readForm } from "../../src/core/documents/check-form.ts";
import { writeForm } from "../../src/core/documents/write-form.ts";

const names = ["a", "b"] as const;
const addressOf = { a: "10.77.1.1", b: "10.77.1.2" } as const;
const ip = (words: string) => execFileSync("ip", words.split(" "));
for (const name of names) ip(`netns add ${name}`);
ip("-n a link add v0 type veth peer name v0 netns b");
for (const name of names) {
  ip(`-n ${name} addr add ${addressOf[name]}/24 dev v0`);
  ip(`-n ${name} link set v0 up`);
  ip(`-n ${name} link set lo up`);
}

const entry = fileURLToPath(new URL("../../src/shaper/main.ts", import.meta.url));
const shaper = spawn(process.execPath, [entry], { stdio: ["pipe", "pipe", "inherit"] });
const reports = createInterface({ input: shaper.stdout })[Symbol.asyncIterator]();
const send = (command: ShaperCommand) =>
  shaper.stdin.write(`${JSON.stringify(writeForm(shaperCommandForm, command))}\n`);

/** The reply to a command. */
async function ask(command: Exclude<ShaperCommand, { type: "stop" }>): Promise<ShaperReport> {
  send(command);
  for (;;) {
    const { value, done } = await reports.next();
    if (done === true) throw new Error("the shaper has ended");
    const report = readForm(shaperReportForm, JSON.parse(value));
    if ("id" in report && report.id === command.id) {
      if (report.type === "refused") throw new Error(report.reason);
      return report;
    }
  }
}

const link = (shape: Partial<LinkShape>) => ({ from: "a", to: "b", ...unshaped, ...shape });
const pairs = [{ from: "a", to: "b" }];
async function echo(id: string, packets: number, perSecond: number) {
  const reply = await ask({ type: "echo", id, pairs, packets, perSecond });
  const [seen] = reply.type === "done" ? reply.probed : [];
  const sorted = (seen?.delaysMs ?? []).toSorted((one, other) => one - other);
  return { sent: seen?.sent, received: seen?.received, medianMs: sorted[sorted.length >> 1] };
}

const open: OpenCommand = {
  type: "open",
  id: "open",
  seed: "test",
  mtuBytes: 1500,
  places: names.map((name) => ({
    name,
    addresses: [addressOf[name]],
    namespacePath: `/run/netns/${name}`,
    probePort: 9000,
  })),
  links: [link({ delayMs: 25 })],
  exemptPorts: [],
  bareEchoes: 20,
};
const ready = await ask(open);
const set = (id: string, shape: Partial<LinkShape>) => ask({ type: "set", id, links: [link(shape)] });
const delayed = await echo("delayed", 100, 50);
await set("slower", { delayMs: 60 });
const slower = await echo("slow", 100, 50);
await set("lossy", { loss: { kind: "independent", lossRatio: 0.1 } });
const lossy = await echo("lost", 2000, 500);
await set("cut", { down: true });
const cut = await echo("nothing", 20, 50);
await set("narrow", { rateBps: 1_000_000, queue: { kind: "time", ms: 100 } });
const flow = await ask({ type: "goodput", id: "flow", pairs, warmUpMs: 1500, measureMs: 3000 });
const goodputBps = flow.type === "done" ? flow.probed[0]?.goodputBps : undefined;
send({ type: "stop" });
await new Promise((resolve) => shaper.once("exit", resolve));
const left = String(execFileSync("tc", ["-n", "a", "qdisc", "show", "dev", "v0"])).trim();
const mechanism = ready.type === "ready" ? ready.mechanism : undefined;
process.stdout.write(
  `RESULT ${JSON.stringify({ mechanism, delayed, slower, lossy, cut, goodputBps, left })}\n`,
);
