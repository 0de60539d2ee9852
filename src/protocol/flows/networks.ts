/** Networks under test that are built in: descriptions like those of users. */
import type { ViewSource } from "../../peer/host/config.ts";
import type { embeddedNetworks, NetworkEntry } from "./schema.ts";

const babelPort = 33_123;

export const embedded: Readonly<Record<(typeof embeddedNetworks)[number], NetworkEntry>> = {
  // The shortest way when the run begins, and no other later: IP as it is without a routing daemon.
  static: {
    "route-to-all": true,
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of descriptions
    "set-up": [
      [
        "ip",
        "route",
        "replace",
        "${to}/32",
        "via",
        "${next}",
        "dev",
        "${next.interface}",
        "src",
        "${address}",
      ],
    ],
    view: "routes",
  },
  babel: {
    daemons: [
      {
        name: "babeld",
        run: [
          ...["babeld", "-c", "${home}/babeld.conf", "-S", "${home}/babel-state", "-I", "${home}/babeld.pid"],
          ...["-g", String(babelPort), "${interfaces}"],
        ],
        files: {
          "babeld.conf": [
            // Loss counts, as on radio links: a link that gets worse is left before it is down.
            "default type wireless hello-interval 1 update-interval 4",
            "skip-kernel-setup true",
            "redistribute local ip ${address}/32 allow",
            "redistribute local deny",
            "install pref-src ${address}",
            "",
          ].join("\n"),
        },
      },
    ],
    view: { babel: babelPort },
  },
  // OSPF as between routers: a link is as good as any other until its neighbour has been silent for four seconds.
  bird: {
    daemons: [
      {
        name: "bird",
        run: [..."bird -f -c ${home}/bird.conf -s ${home}/bird.ctl -P ${home}/bird.pid".split(" ")],
        files: {
          "bird.conf": [
            "log stderr all;",
            "router id ${address};",
            "protocol device {}",
            "protocol kernel { ipv4 { import none; export filter { krt_prefsrc = ${address}; accept; }; }; }",
            "protocol ospf v2 {",
            "  ipv4 { import where net.len = 32; export none; };",
            "  ecmp no;",
            "  area 0 {",
            "    stubnet ${address}/32;",
            '    interface "link*" { type ptp; hello 1; dead count 4; };',
            "  };",
            "}",
            "",
          ].join("\n"),
        },
      },
    ],
    view: { bird: "${home}/bird.ctl" },
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of descriptions
  },
};

/** What a host is told of how it reads its network's own view. @param render fills in variables */
export function viewSource(
  view: NetworkEntry["view"],
  render: (text: string) => string,
): ViewSource | undefined {
  if (view === undefined) return undefined;
  if (view === "routes") return { from: "routes" };
  return "babel" in view ? { from: "babel", port: view.babel } : { from: "bird", socket: render(view.bird) };
}
