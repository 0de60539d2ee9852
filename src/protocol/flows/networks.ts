/** Networks under test that are built in: descriptions like those of users. */
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
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of descriptions
    view: { babel: babelPort },
  },
};
