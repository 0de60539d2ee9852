import { readFileSync, writeFileSync } from "node:fs";
import type { KernelMechanism } from "../../contracts/links/shaper.ts";
import { overlaySettings } from "../../contracts/nodes/overlay.ts";
import { describeError } from "../../core/errors.ts";
import { ShaperError } from "../error.ts";
import type { Libc } from "../kernel/libc.ts";
import { inNamespace, inNewNamespace } from "../kernel/namespace.ts";
import { KernelQueue, queueOwner } from "../kernel/queue.ts";
import { Receiver } from "../kernel/receiver.ts";
import { removalLine, rootHandle, trialLines } from "../netem/commands.ts";
import {
  removalLine as overlayRemovalLine,
  trialLines as overlayTrialLines,
  ownInterfaces,
} from "../overlay/commands.ts";
import { jumpsText, type QueueRules, queueNumber, removalText, rulesText } from "../queue/rules.ts";
import { segmentOperations } from "../segment/operations.ts";
import { Programs } from "./programs.ts";

/** What the tool thread does, one after the other. Namespaces are descriptors. */
export type ToolOperations = ReturnType<typeof toolOperations>;

const listRules = ["-w", "-t", "raw", "-S"];
const restore = ["-w", "--noflush"];

export function toolOperations(libc: Libc) {
  const programs = new Programs(libc);
  const install = (rules: QueueRules) => {
    programs.check("iptables-restore", restore, rulesText(rules));
    const jumps = jumpsText(programs.check("iptables", listRules), rules);
    if (jumps !== undefined) programs.check("iptables-restore", restore, jumps);
  };
  const tryNfqueue = () => {
    const queue = new KernelQueue(libc, queueNumber);
    try {
      queue.bind(new Receiver(libc));
      install({ nodes: ["192.0.2.1"], others: true, exemptPorts: [1] });
    } finally {
      queue.close();
    }
  };
  const traffic = (lines: readonly string[]) =>
    programs.check("tc", ["-batch", "-"], `${lines.join("\n")}\n`);
  const removeRules = () => {
    if (!programs.has("iptables")) return;
    const { exitCode, stdout } = programs.run("iptables", listRules);
    const text = exitCode === 0 ? removalText(stdout) : undefined;
    if (text !== undefined) programs.check("iptables-restore", restore, text);
  };
  const interfaces = (lines: readonly string[]) =>
    programs.check("ip", ["-batch", "-"], `${lines.join("\n")}\n`);
  const removeInterfaces = () => {
    if (!programs.has("ip")) return;
    const { exitCode, stdout } = programs.run("ip", ["-o", "link", "show", "type", "vxlan"]);
    const own = exitCode === 0 ? ownInterfaces(stdout) : [];
    if (own.length > 0) interfaces(own.map(overlayRemovalLine));
  };
  const removeQdiscs = () => {
    if (!programs.has("tc")) return;
    const { exitCode, stdout } = programs.run("tc", ["qdisc", "show"]);
    const own = exitCode === 0 ? stdout.split("\n").filter((line) => line.includes(` ${rootHandle} `)) : [];
    for (const line of own) {
      const device = /\bdev (\S+) root\b/.exec(line)?.[1];
      if (device !== undefined) programs.check("tc", removalLine(device).split(" "));
    }
  };
  return {
    ...segmentOperations(libc, programs),
    /** @returns why it does not work here; undefined where it does */
    whyNot: (mechanism: KernelMechanism): string | undefined => {
      try {
        inNewNamespace<unknown>(libc, mechanism === "netem" ? () => traffic(trialLines) : tryNfqueue);
        return undefined;
      } catch (error) {
        return describeError(error);
      }
    },
    /** The same of interfaces for a network under test. */
    whyNoOverlay: (): string | undefined => {
      try {
        inNewNamespace<unknown>(libc, () => interfaces(overlayTrialLines));
        return undefined;
      } catch (error) {
        return describeError(error);
      }
    },
    /** Lets a node forward, and gives it its own address. */
    prepareOverlay: (namespace: number, lines: readonly string[]) =>
      inNamespace(libc, namespace, () => {
        for (const [file, value] of overlaySettings) setUp(file, value);
        interfaces(lines);
      }),
    interfaces: (namespace: number, lines: readonly string[]): string =>
      inNamespace(libc, namespace, () => interfaces(lines)),
    /** The process that holds our queue there; undefined: none. */
    ownerOf: (namespace: number): number | undefined =>
      inNamespace(libc, namespace, () => queueOwner(queueNumber)),
    installRules: (namespace: number, rules: QueueRules) =>
      inNamespace(libc, namespace, () => install(rules)),
    /** Removes all that is ours, also what a killed shaper left. */
    clear: (namespace: number) =>
      inNamespace(libc, namespace, () => {
        removeRules();
        removeQdiscs();
        removeInterfaces();
      }),
    /** IPv4 routes, as the kernel lists them. */
    routes: (namespace: number): string =>
      inNamespace(libc, namespace, () => readFileSync("/proc/thread-self/net/route", "utf8")),
    traffic: (namespace: number, lines: readonly string[]): string =>
      inNamespace(libc, namespace, () => traffic(lines)),
  };
}

/** A container may not write them, and then has them from its engine. @throws ShaperError where it has another value */
function setUp(file: string, value: string): void {
  const path = `/proc/sys/net/${file}`;
  try {
    if (readFileSync(path, "utf8").trim() !== value) writeFileSync(path, value);
  } catch (cause) {
    throw new ShaperError(`Cannot set ${file} to ${value}: ${describeError(cause)}.`, { cause });
  }
}
