/** What the peers are given to send: the same JSON-RPC request, of a transaction of 512 bytes. Pure. */

/** 512 bytes in base64. */
export const transactionBase64: string = Buffer.alloc(512, 0x61).toString("base64");

const [beforeId, afterId] = [
  '{"jsonrpc":"2.0","id":',
  `,"method":"broadcast_tx_async","params":{"tx":"${transactionBase64}"}}`,
];

export function bodyWithId(id: string): string {
  return beforeId + id + afterId;
}

/** Ids with as many digits each, so that all requests have one length. */
const firstId = 100_000_000;

/** The same request each time; `depth` of them at once. */
export function wrkStatic(depth: number): string {
  return `init = function()
  local one = wrk.format("POST", "/", {["Content-Type"] = "application/json"}, ${JSON.stringify(bodyWithId(`${firstId}`))})
  whole = string.rep(one, ${depth})
end
request = function() return whole end
`;
}

/** An id of its own in each request. The head is made once, since all lengths are alike. */
export function wrkUnique(depth: number): string {
  return `local id = ${firstId}
init = function()
  local one = wrk.format("POST", "/", {["Content-Type"] = "application/json"}, ${JSON.stringify(bodyWithId(`${firstId}`))})
  local at = string.find(one, "${firstId}", 1, true)
  before, after = string.sub(one, 1, at - 1), string.sub(one, at + ${`${firstId}`.length})
end
request = function()
  if ${depth} == 1 then
    id = id + 1
    return before .. id .. after
  end
  local all = {}
  for i = 1, ${depth} do
    id = id + 1
    all[3 * i - 2], all[3 * i - 1], all[3 * i] = before, id, after
  end
  return table.concat(all)
end
`;
}

/** As many users as connections, each with one request under way, with ids of their own. Replies are read whole. */
export function k6Closed(options: { port: number; connections: number; seconds: number }): string {
  const { port, connections, seconds } = options;
  return `import http from "k6/http";
import exec from "k6/execution";
export const options = { scenarios: { load: { executor: "constant-vus", vus: ${connections}, duration: "${seconds}s" } } };
${k6Request(port)}`;
}

/** At a rate, whether replies come or not. */
export function k6Open(options: {
  port: number;
  connections: number;
  seconds: number;
  rateTps: number;
}): string {
  const { port, connections, seconds, rateTps } = options;
  return `import http from "k6/http";
import exec from "k6/execution";
export const options = {
  summaryTrendStats: ["p(50)", "p(99)", "p(99.9)", "max", "count"],
  scenarios: { load: { executor: "constant-arrival-rate", rate: ${rateTps}, timeUnit: "1s", duration: "${seconds}s",
    preAllocatedVUs: ${connections}, maxVUs: ${connections} } },
};
${k6Request(port)}`;
}

function k6Request(port: number): string {
  return `const params = { headers: { "Content-Type": "application/json" } };
export default function () {
  const id = ${firstId} + exec.scenario.iterationInTest;
  http.post("http://127.0.0.1:${port}/", ${JSON.stringify(beforeId)} + id + ${JSON.stringify(afterId)}, params);
}
`;
}
