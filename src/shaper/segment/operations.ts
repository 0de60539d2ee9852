import { closeSync, openSync } from "node:fs";
import { pid } from "node:process";
import type { Segment } from "../../contracts/links/shaper.ts";
import { describeError } from "../../core/errors.ts";
import { ShaperError } from "../error.ts";
import type { Libc } from "../kernel/libc.ts";
import { inNamespace, inNewNamespace } from "../kernel/namespace.ts";
import type { Programs } from "../tools/programs.ts";
import {
  bridgeLines,
  closeLines,
  floodLines,
  nodeLines,
  plugLines,
  tunnelLine,
  tunnelLines,
  unplugLine,
} from "./commands.ts";

/** A port of the switch, and the node behind it. */
export interface Plug {
  readonly port: number;
  /** Of the node. */
  readonly namespace: number;
  /** Of the node in the segment. */
  readonly address: string;
}

/** Of the thread that runs tools. A switch is the descriptor of its namespace, which ends when all such are closed. */
export function segmentOperations(libc: Libc, programs: Programs) {
  const run = (program: "ip" | "bridge", lines: readonly string[]) =>
    programs.check(program, ["-batch", "-"], `${lines.join("\n")}\n`);
  const connect = (opened: number, segment: Segment) => {
    run("ip", [tunnelLine(segment, pathOf(opened))]);
    inNamespace(libc, opened, () => {
      run("ip", tunnelLines);
      run("bridge", floodLines(segment));
    });
  };
  return {
    /** @throws ShaperError where it cannot be connected to those of other machines */
    openSwitch: (segment: Segment): number => {
      const opened = inNewNamespace(libc, () => {
        run("ip", bridgeLines);
        return openSync("/proc/thread-self/ns/net", "r");
      });
      if (segment.machines.length === 0) return opened;
      try {
        connect(opened, segment);
      } catch (cause) {
        const { port } = segment;
        throw new ShaperError(
          `Nodes here cannot be connected to those of other hosts (VXLAN at UDP port ${port}): ${describeError(cause)}. Check that the kernel has the module vxlan (modprobe vxlan), and that nothing else uses the port (ss -ulpn).`,
          { cause },
        );
      }
      return opened;
    },
    plug: (opened: number, { port, namespace, address }: Plug) => {
      inNamespace(libc, opened, () => run("ip", plugLines(port, pathOf(namespace))));
      inNamespace(libc, namespace, () => run("ip", nodeLines(address)));
    },
    unplug: (opened: number, port: number) =>
      void inNamespace(libc, opened, () => run("ip", [unplugLine(port)])),
    /** Removes it at once, not when the kernel comes to it. */
    closeSwitch: (opened: number, ports: readonly number[]) => {
      const lines = `${closeLines(ports).join("\n")}\n`;
      inNamespace(libc, opened, () => programs.run("ip", ["-force", "-batch", "-"], lines));
      closeSync(opened);
    },
  };
}

/** As other processes of the machine find a namespace that this one holds. */
const pathOf = (namespace: number) => `/proc/${pid}/fd/${namespace}`;
