import { writeSync } from "node:fs";
import { MessageChannel, Worker } from "node:worker_threads";
import type { OpenCommand } from "../../contracts/links/shaper.ts";
import { threadUrl } from "../calls.ts";
import { ShaperError } from "../error.ts";
import type { Mechanism, MechanismOptions } from "../mechanism.ts";
import type { HeldPlace } from "../namespaces.ts";
import type { QueueCommand, TargetPlan, ThreadData, ThreadMessage } from "./thread-messages.ts";

/** Packets wait in netfilter queues of their receivers' namespaces; a thread of its own lets them through. */
export async function openNfqueue({
  open,
  network,
  tools,
  ...listeners
}: MechanismOptions): Promise<Mechanism> {
  const thread = await openShapingThread(open, listeners);
  const othersOf = (name: string) => network.places.filter((place) => place.name !== name);
  const plan = (name: string, namespace: number): TargetPlan => ({
    name,
    namespace,
    senders: othersOf(name).map((sender) => ({
      name: sender.name,
      addresses: sender.addresses,
      shape: network.shape({ from: sender.name, to: name }),
    })),
  });
  /** The rules in each namespace, as a key: they change only with addresses. */
  const installed = new Map<string, string>();
  const install = async ({ name, namespace }: HeldPlace) => {
    if (namespace === undefined) return;
    const nodes = othersOf(name).flatMap(({ addresses }) => addresses);
    const rules = { nodes, others: open.others !== undefined, exemptPorts: open.exemptPorts };
    const key = JSON.stringify([namespace, nodes]);
    if (installed.get(name) === key) return;
    await tools.installRules(namespace, rules);
    installed.set(name, key);
  };
  return {
    name: "nfqueue",
    realTime: thread.realTime,
    attach: async (places) => {
      const targets = places.flatMap(({ name, namespace }) =>
        namespace === undefined ? [] : [plan(name, namespace)],
      );
      const senders = places.map(({ name, addresses }) => ({ name, addresses }));
      await thread.ask({ type: "attach", targets, senders });
      // Queues are taken before packets come to them. The rules of all others name the new addresses.
      for (const place of network.places) await install(place);
    },
    set: (changes) => {
      const shaped = changes.map(({ from, to }) => ({ from, to, ...network.shape({ from, to }) }));
      return thread.ask({ type: "set", changes: shaped });
    },
    close: thread.close,
  };
}

type Asked = Extract<QueueCommand, { readonly id: number }>;
type Question = Asked extends infer C ? (C extends Asked ? Omit<C, "id"> : never) : never;

interface ShapingThread {
  readonly realTime: boolean;
  readonly ask: (question: Question) => Promise<number>;
  readonly close: () => Promise<void>;
}

function openShapingThread(
  { seed, mtuBytes, others }: OpenCommand,
  { report, fail }: Pick<MechanismOptions, "report" | "fail">,
): Promise<ShapingThread> {
  const { port1, port2 } = new MessageChannel();
  const workerData: ThreadData = { settings: { seed, mtuBytes, others }, commands: port2 };
  const thread = new Worker(threadUrl("./thread", import.meta.url), { workerData, transferList: [port2] });
  const waiting = new Map<number, (answer: ThreadMessage) => void>();
  const closed = Promise.withResolvers<void>();
  let last = 0;
  thread.on("error", fail);
  thread.on("exit", () => closed.resolve());
  return new Promise((resolve) => {
    thread.on("message", (message: ThreadMessage) => {
      if (message.type === "report") report(message.report);
      else if (message.type === "closed") closed.resolve();
      else if (message.type === "open") resolve(opened(message));
      else waiting.get(message.id)?.(message);
    });
    const opened = ({
      wakeDescriptor,
      realTime,
    }: Extract<ThreadMessage, { type: "open" }>): ShapingThread => {
      const send = (command: QueueCommand) => {
        port1.postMessage(command);
        writeSync(wakeDescriptor, "!");
      };
      return {
        realTime,
        ask: (question) =>
          new Promise((done, refused) => {
            const id = ++last;
            waiting.set(id, (answer) => {
              waiting.delete(id);
              if (answer.type === "done") done(answer.atMs);
              else if (answer.type === "failed") refused(new ShaperError(answer.reason));
            });
            send({ ...question, id });
          }),
        close: async () => {
          send({ type: "stop" });
          await closed.promise;
        },
      };
    };
  });
}
