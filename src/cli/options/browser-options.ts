import { usualPeerLibrary } from "../../contracts/peer-tests/peer-library.ts";
import { usualBrowsers, usualClientPagePort, usualLighthousePort } from "./browser-ports.ts";
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
    ["testServers", "listen ADDRESS", "address to listen on", "127.0.0.1"],
    [
      "pages",
      "peer-library LIBRARY",
      "@dcl/catalyst-peer@VERSION, a folder with another build of it, or a module",
      usualPeerLibrary,
    ],
    ["pages", "routine-file FILE", "module with a further routine, named like the file"],
    [
      "browsers",
      "peers COUNT",
      "number of browsers, each with one peer, 1 to 128; also PEERS_COUNT, with --local BROWSER_COUNT",
      usualBrowsers,
    ],
    [
      "browsers",
      "routine NAME,...",
      "routines: comms, walk, listen, or the name of --routine-file; of several, browsers take one in turn",
      "comms",
    ],
    ["browsers", "local", "run the whole test on this machine: servers, page and browsers"],
    [
      "browsers",
      "image-file FILE",
      "write an image of this command with this machine's Chromium, for docker load, instead of running",
    ],
    ["browsers", "test-id ID", "without --local: the test to take part in; also TEST_ID"],
    ["browsers", "results-server-url URL", "without --local: the results server; also RESULTS_SERVER_URL"],
    ["browsers", "lighthouse-url URL", "without --local: the lighthouse; also LIGHTHOUSE_URL"],
    ["browsers", "client-url URL", "without --local: the client page; also CLIENT_URL"],
    [
      "browsers",
      "stats-server-url URL",
      "with --local: also write each data point to InfluxDB, without credentials; also STATS_SERVER_URL",
    ],
  ]),
];
