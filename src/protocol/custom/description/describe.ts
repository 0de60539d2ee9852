import { mapValues } from "../../../core/keys.ts";
import type { GroupEntry, ListEntry } from "../schema/nodes.ts";
import type { CommitsEntry, RequestEntry, RuleEntry, StartEntry } from "../schema/requests.ts";
import type { CustomFile, NodeLoadEntry, OptionEntry } from "../schema/schema.ts";
import type {
  CustomDescription,
  GroupDescription,
  ListDescription,
  NodeLoadDescription,
  OptionDescription,
  PolledCommits,
  PositionDescription,
  PushedCommits,
  ReplyRule,
  RequestDescription,
} from "./description.ts";
import { outlineOf, rolesOf, startsAfter } from "./outline.ts";
import type { Outline } from "./variables.ts";

const defaultLargestBytes = 1_048_576;
const defaultEveryMs = 20;
const defaultMode = 0o644;
const defaultMetricsPath = "/metrics";

/** Fills in every default of a file that has passed all checks. */
export function describeFile(file: CustomFile): CustomDescription {
  const outline = outlineOf(file);
  const { health, transaction, commits, load, metrics } = file;
  return {
    name: file.name,
    title: file.title ?? file.name,
    tolerates: file.tolerates ?? "none",
    options: Object.entries(file.options ?? {}).map(describeOption),
    secrets: file.secrets ?? [],
    groups: file.nodes.map((group) => describeGroup(group, outline)),
    health: {
      request: describeRequest(health),
      healthy: describeRule(health.healthy),
      height: health.height,
      peers: health.peers,
      catchingUp: health["catching-up"],
    },
    transaction: transaction && {
      request: describeRequest(transaction),
      accepted: describeRule(transaction.accepted),
      largestBytes: transaction["largest-bytes"] ?? defaultLargestBytes,
    },
    commits: commits === undefined ? undefined : describeCommits(commits),
    load: load && describeLoad(load),
    metrics: metrics && { ...metrics, path: metrics.path ?? defaultMetricsPath },
  };
}

function describeOption([name, option]: [string, OptionEntry]): OptionDescription {
  const { meaning, default: usual, "remote-default": remoteDefault } = option;
  return { name, meaning, allowed: allowedBy(option), default: usual, remoteDefault };
}

function allowedBy({ default: usual, "remote-default": remote = usual, from, to, choices }: OptionEntry) {
  if (typeof usual === "string") {
    return choices === undefined ? ({ kind: "text" } as const) : ({ kind: "choice", choices } as const);
  }
  const least = from ?? -Number.MAX_SAFE_INTEGER;
  const most = to ?? Number.MAX_SAFE_INTEGER;
  // Whoever writes whole numbers alone means whole numbers.
  const whole = [usual, remote, least, most].every(Number.isInteger);
  return { kind: "number", least, most, whole } as const;
}

function describeGroup(group: GroupEntry, outline: Outline): GroupDescription {
  const { role, count, program, ports } = group;
  return {
    role,
    count,
    program: { ...program, remedy: program.remedy ?? remedyFor(program.binary) },
    ports,
    commandTemplates: (group.command ?? []).map(String),
    environmentTemplates: mapValues(group.environment ?? {}, String),
    files: (group.files ?? []).map(({ path, content, mode }) => ({
      path,
      contentTemplate: content ?? "",
      mode: mode === undefined ? defaultMode : Number.parseInt(mode, 8),
    })),
    lists: mapValues(group.lists ?? {}, (list) => describeList(list, group)),
    startAfter: startsAfter(group, outline),
    exports: group.exports ?? {},
  };
}

function remedyFor(binary: string | undefined): string {
  return binary === undefined
    ? "Plain processes need a binary: name one with --node-binary, or run containers."
    : `Install ${binary}, or name its file with --node-binary.`;
}

function describeList(list: ListEntry, group: GroupEntry): ListDescription {
  return {
    of: rolesOf(list, group),
    exceptSelf: list["except-self"] ?? false,
    itemTemplate: list.item,
    separator: list.separator ?? ",",
  };
}

/** Without a method, a request with a body is a POST. */
function describeRequest(entry: RequestEntry): RequestDescription {
  const isJson = entry.json !== undefined;
  const bodyTemplate = isJson ? JSON.stringify(entry.json) : (entry.body ?? "");
  const type = isJson ? "application/json" : "text/plain; charset=utf-8";
  return {
    method: entry.method ?? (bodyTemplate === "" ? "GET" : "POST"),
    pathTemplate: entry.path,
    headers: { ...(bodyTemplate === "" ? {} : { "content-type": type }), ...entry.headers },
    bodyTemplate,
  };
}

function describeRule(rule: RuleEntry = {}): ReplyRule {
  const { status = 200, reason } = rule;
  return { statuses: typeof status === "number" ? [status] : status, json: describeJson(rule), reason };
}

function describeJson({ has = [], equals = {} }: Pick<RuleEntry, "has" | "equals">): ReplyRule["json"] {
  return { ...Object.fromEntries(has.map((pointer) => [pointer, null])), ...equals };
}

function describeCommits(entry: CommitsEntry): PolledCommits | PushedCommits {
  const { position } = entry;
  const committed = {
    items: entry.items,
    transaction: entry.transaction,
    encoding: entry.encoding ?? "text",
    position: "item" in position ? position.item : position.reply,
    perItem: "item" in position,
  };
  if (entry.by === "polling") {
    return {
      by: "polling",
      everyMs: entry["every-ms"] ?? defaultEveryMs,
      request: describeRequest(entry),
      start: describeStart(entry.start),
      ...committed,
    };
  }
  const { path, subscribe, when = {}, start } = entry;
  return {
    by: "websocket",
    path,
    subscribeTemplate: typeof subscribe === "string" ? subscribe : JSON.stringify(subscribe),
    when: describeJson(when),
    start: start === undefined ? undefined : describeStart(start),
    ...committed,
  };
}

function describeLoad(entry: NodeLoadEntry): NodeLoadDescription {
  const { port, path = defaultMetricsPath, submitted, committed, latency, keep = [] } = entry;
  const { histogram, unit, squares } = latency;
  return {
    counters: {
      plane: port,
      path,
      submitted: submitted?.counter,
      committed,
      latency: { histogram, unitMs: unit === "s" ? 1000 : 1, squares },
    },
    keep,
  };
}

function describeStart(start: StartEntry): PositionDescription {
  return { request: describeRequest(start), position: start.position };
}
