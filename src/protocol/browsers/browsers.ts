/** Browsers that each run one peer of a peer library, with the servers that a test of them needs. */
import type { DeploymentPlan, NodeGroup, PlacementView, PlannedNode } from "../../contracts/deployment.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import {
  type BrowserFile,
  type BrowserStatus,
  browserFile,
  type HelperFile,
  helperFile,
  type PageContent,
  pageFiles,
  testLine,
} from "../../contracts/peer-tests/node-files.ts";
import { usualPeerLibrary } from "../../contracts/peer-tests/peer-library.ts";
import { usualSubmitIntervalMs } from "../../contracts/peer-tests/routines.ts";
import type { DeploymentRequest, ProbeOptions, Protocol, ProtocolOption } from "../../contracts/protocol.ts";
import { checkedOptions, committeeDiagnostics } from "../../contracts/protocol-options.ts";
import { formatOrigin } from "../../core/address.ts";
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import { sendHttp } from "../../core/http.ts";
import { findChromium } from "../../peer/browser/find-chromium.ts";
import { jsonFile, noClients } from "../plan-parts.ts";
import {
  browserProgram,
  browserRole,
  chromiumDiagnostics,
  helperProgram,
  largestCommittee,
  noneNamed,
  pathOf,
} from "./programs.ts";
import { dealRoutines, routineDiagnostics } from "./routines.ts";

const roles = {
  browser: browserRole,
  results: "results-server",
  lighthouse: "lighthouse",
  page: "client-page",
} as const;

const options: readonly ProtocolOption[] = [
  {
    name: "library",
    meaning: "peer library: @dcl/catalyst-peer@VERSION, a folder with another build of it, or a module",
    allowed: { kind: "text" },
    default: usualPeerLibrary,
  },
  {
    name: "routines",
    meaning: "names of routines, separated by commas; the peers take them in turn",
    allowed: { kind: "text" },
    default: "comms",
  },
  {
    name: "routineFile",
    meaning: "module with a further routine, named like the file",
    allowed: { kind: "text" },
    default: noneNamed,
  },
  {
    name: "page",
    meaning:
      "SHA-256 of the client page's script, which baleen browsers makes of the library and the routines",
    allowed: { kind: "text" },
    default: noneNamed,
  },
  {
    name: "statsSubmitIntervalMs",
    meaning: "time between two data points of a peer",
    allowed: { kind: "number", whole: true, least: 100, most: 60_000 },
    default: usualSubmitIntervalMs,
  },
  {
    name: "statsServerUrl",
    meaning: "InfluxDB that also gets each data point, database comms unless the URL names another one",
    allowed: { kind: "text" },
    default: noneNamed,
  },
  {
    name: "chromium",
    meaning: "path of Chromium; auto: where packages install it",
    allowed: { kind: "text" },
    default: "auto",
  },
];

/** @param pageOf the page that was made, by the SHA-256 of its script; without it, networks can be planned, not started */
export function createBrowsers(
  pageOf: (sha256: string) => PageContent | undefined = () => undefined,
): Protocol {
  return {
    name: "browsers",
    title: "browsers, each with a peer of a peer library",
    options,
    // Every peer goes on by itself.
    toleratedFaults: (nodes) => nodes - 1,
    plan: (request) => plan(request, pageOf),
    probe: async (rpc, probe) => {
      const { isReady, waitsFor } = await readBrowserStatus(rpc, probe);
      if (!isReady) throw new Error(`it waits for ${waitsFor}`);
      return { catchingUp: false };
    },
    ...noClients({ smallestBytes: 1, largestBytes: Number.MAX_SAFE_INTEGER }),
    routines: { resultsServerRole: roles.results, readStatus: readBrowserStatus },
  };
}

const statusPath = "/status";

export const browsers: Protocol = createBrowsers();

function plan(
  { nodes, options: given, load }: DeploymentRequest,
  pageOf: (sha256: string) => PageContent | undefined,
): DeploymentPlan {
  const routines = String(given.routines ?? "comms");
  const { dealt, senders } = dealRoutines(routines, nodes);
  const chromium = findChromium(pathOf(given.chromium));
  const values = checkedOptions("browsers", options, given, [
    ...committeeDiagnostics(nodes, largestCommittee),
    ...routineDiagnostics(routines, given.routineFile, senders),
    ...chromiumDiagnostics(given.chromium),
    ...relayDiagnostics(given.statsServerUrl),
  ]);
  const page = pageOf(String(values.page));
  if (load !== undefined && page === undefined) throw new ConfigurationError([noPage]);
  const messagesPerSec = load === undefined ? undefined : load.rateTps / senders;
  const optional = (name: string) => (values[name] === noneNamed ? undefined : String(values[name]));
  const configureBrowser: NodeGroup["configure"] = ({ name, index }, view) => {
    const testId = view.exported(nameOf(view, roles.results), "testId");
    const query = {
      testId,
      peerId: name,
      testDuration: String(load?.durationSecs ?? 0),
      statsSubmitInterval: String(values.statsSubmitIntervalMs),
      lighthouseUrl: originOf(view, roles.lighthouse),
      statsServerUrl: originOf(view, roles.results),
      routine: dealt[index] ?? "",
      ...(messagesPerSec === undefined ? {} : { messagesPerSec: String(messagesPerSec) }),
    };
    const file: BrowserFile = {
      name,
      rpc: view.listen("rpc"),
      pageUrl: `${originOf(view, roles.page)}/?${new URLSearchParams(query)}`,
      testId,
      leastConnected: Math.min(1, nodes - 1),
      chromium,
    };
    return { args: ["--home", view.home], files: [jsonFile(browserFile, file, 0o644)] };
  };
  const serverProgram = helperProgram();
  const helper = (
    role: HelperFile["role"],
    rest: Pick<NodeGroup, "exports" | "startAfter">,
    more: (view: PlacementView) => object,
  ) => ({
    role,
    count: 1,
    isHelper: true,
    isApart: true,
    program: serverProgram,
    planes: ["rpc"] as const,
    ...rest,
    configure: ({ name }: PlannedNode, view: PlacementView) => ({
      args: ["--home", view.home],
      files: [
        jsonFile(
          helperFile,
          { role, rpc: view.listen("rpc"), knownAs: view.endpoint(name, "rpc").host, ...more(view) },
          0o644,
        ),
        ...(role === roles.page && page !== undefined ? contentFiles(page) : []),
      ],
    }),
  });
  return {
    protocol: "browsers",
    groups: [
      {
        role: roles.browser,
        count: nodes,
        program: browserProgram(chromium),
        planes: ["rpc"],
        // WebRTC chooses UDP ports, which nobody could publish.
        usesHostNetwork: true,
        startAfter: [roles.results, roles.lighthouse, roles.page],
        configure: configureBrowser,
      },
      helper(roles.results, { exports: { testId: { from: "log", pattern: testLine } } }, (view) => ({
        // As browsers write it.
        clientOrigin: new URL(originOf(view, roles.page)).origin,
        statsServerUrl: optional("statsServerUrl"),
      })),
      helper(roles.lighthouse, {}, () => ({})),
      helper(roles.page, {}, () => ({})),
    ],
  };
}

/** Asks a browser how far its peer is. @throws Error where it does not answer */
export async function readBrowserStatus(
  rpc: Endpoint,
  { timeoutMs, signal }: ProbeOptions,
): Promise<BrowserStatus> {
  const { status, body } = await sendHttp(formatOrigin("http", rpc), {
    ...{ method: "GET", path: statusPath, timeoutMs, signal },
  });
  if (status !== 200) throw new Error(`it says: ${body.slice(0, 200)}`);
  return JSON.parse(body) as BrowserStatus;
}

const contentFiles = (page: PageContent) =>
  (Object.keys(pageFiles) as (keyof PageContent)[]).map((part) => ({
    path: pageFiles[part],
    content: page[part],
    mode: 0o644,
  }));

function relayDiagnostics(given: unknown): Diagnostic[] {
  if (given === undefined || given === noneNamed) return [];
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  const isUsable =
    url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  if (isUsable) return [];
  // Not even a faulty one is repeated: it may hold a password.
  const message =
    "statsServerUrl: expected an http or https URL without credentials, such as http://localhost:8086.";
  return [{ code: "protocol-option", message }];
}

const noPage: Diagnostic = {
  code: "client-page",
  message:
    "browsers: there is no such client page. Use baleen browsers, which makes it, with the --peer-library and --routine-file that the test began with.",
};

const nameOf = ({ nodes }: PlacementView, wanted: string) =>
  nodes.find(({ role }) => role === wanted)?.name ?? "";

const originOf = (view: PlacementView, role: string) =>
  formatOrigin("http", view.endpoint(nameOf(view, role), "rpc"));
