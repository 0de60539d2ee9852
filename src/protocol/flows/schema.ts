/** What the description of a scenario says, in its user's own words; published as schema/scenario.schema.json. */
import type * as z from "zod";
import { flowKinds } from "../../contracts/load/flow-events.ts";
import { about, makeCommonParts, type Zod } from "../../core/documents/schema-parts.ts";
import { onDemand } from "../../core/on-demand.ts";

export type FlowsFile = z.infer<ReturnType<typeof makeSchema>>;
export type FlowEntry = FlowsFile["flows"][number];
export type NetworkEntry = Exclude<FlowsFile["networks"][string], string>;

/** Networks under test that are built in. */
export const embeddedNetworks = ["static", "babel", "bird"] as const;

const zod = onDemand<Zod>("zod");
let made: ReturnType<typeof makeSchema> | undefined;

/** The schema that descriptions are held to. */
export function flowsFileSchema() {
  made ??= makeSchema(zod());
  return made;
}

function makeSchema(z: Zod) {
  const { line, word, said, named, whole } = makeCommonParts(z);
  const node = said(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/u, "the name of a node, such as node0");
  const argv = z.array(z.string().min(1).max(4096)).min(1).max(64);
  const kind = about(
    "udp (default): datagrams. tcp: messages. video: numbered pictures. iperf3: that program. program: any program. native: one that has the network under test built in.",
    z.enum(flowKinds),
  );
  const rate = said(
    /^(load|\d+(\.\d+)?\/s)$/,
    "packets, messages or pictures per second, such as 50/s, or load: those of the load",
  );
  const size = said(/^\d+(B|kB|MB)$/, "the payload of each, such as 200B or 4kB");
  const sending = {
    kind: kind.optional(),
    rate: rate.optional(),
    size: size.optional(),
    reflect: about("The receiver sends each back, so that round trips are measured.", z.boolean()).optional(),
    send: about("Of program and native: what runs at the sender, and its arguments.", argv).optional(),
    receive: about("What runs at the receiver.", argv).optional(),
  };
  const network = z.strictObject({
    flows: about(
      "By name of a flow: what is different of it in this network.",
      named(z.strictObject(sending)),
    ).optional(),
    "set-up": about("Commands that run once at each host, in order.", z.array(argv).max(32)).optional(),
    "route-to-all": about(
      "With set-up: each of its commands runs once for every other host.",
      z.boolean(),
    ).optional(),
    daemons: about(
      "Processes that run at each host.",
      z
        .array(
          z.strictObject({ name: word, run: argv, files: named(z.string().max(65_536), line).optional() }),
        )
        .max(8),
    ).optional(),
    view: about(
      "How its own view of links and routes is read: the local interface of babeld at a port, the control socket of BIRD, or the kernel's routes.",
      z.union([
        z.strictObject({ babel: whole(1, 65_535) }),
        z.strictObject({ bird: z.string().min(1).max(4096) }),
        z.literal("routes"),
      ]),
    ).optional(),
  });
  return z.strictObject({
    name: about("What the scenario is called.", word),
    title: about("Short title.", line).optional(),
    folder: about("Where paths that begin with ./ begin; the folder of this file.", line).optional(),
    flows: about(
      "What goes through the network under test.",
      z
        .array(
          z.strictObject({
            name: word,
            from: about("The sender.", node),
            to: about("The receiver.", node),
            ...sending,
          }),
        )
        .min(1)
        .max(64),
    ),
    networks: about(
      `Networks under test by name: one that is built in (${embeddedNetworks.join(", ")}), or one that is described. The option network chooses.`,
      named(z.union([z.enum(embeddedNetworks), network])),
    ),
    capture: about(
      "Interfaces whose packets are kept: node0.link1 is that of node0 to node1.",
      z
        .array(
          said(/^[A-Za-z0-9][A-Za-z0-9_-]*\.\w[\w-]{0,14}$/u, "a node and an interface, such as node0.link1"),
        )
        .max(32),
    ).optional(),
  });
}
