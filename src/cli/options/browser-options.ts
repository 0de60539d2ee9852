import { usualClientPagePort, usualLighthousePort } from "./browser-ports.ts";
import { usualClientOrigins } from "./client-origin.ts";
import { group, type Option } from "./option.ts";

/** The servers of a test of a peer library in browsers. */
export const browserOptions: readonly Option[] = [
  ...group("Pages", [
    [
      "serve",
      "test-results-location FOLDER",
      "folder for results of browser tests; also TEST_RESULTS_LOCATION",
      "~/peer-performance-tests",
    ],
    [
      "serve",
      "stats-server-url URL",
      "also write each data point of browser tests to InfluxDB: http://HOST:8086, database comms unless the URL says otherwise; also STATS_SERVER_URL; credentials in BALEEN_INFLUX_TOKEN",
    ],
    [
      "serve",
      "client-origin ORIGIN",
      "origin of pages that may report to browser tests; repeatable",
      usualClientOrigins.join(","),
    ],
  ]),
  ...group("Browsers", [
    ["lighthouse", "port PORT", "port to listen on; 0 for a free one", usualLighthousePort],
    ["client-page", "port PORT", "port to listen on; 0 for a free one", usualClientPagePort],
    ["browsers", "listen ADDRESS", "address to listen on", "127.0.0.1"],
    [
      "client-page",
      "peer-library LIBRARY",
      "@dcl/catalyst-peer@VERSION, a folder with another build of it, or a module",
      "@dcl/catalyst-peer@1.0.14",
    ],
    ["client-page", "routine-file FILE", "module with a further routine, named like the file"],
  ]),
];
