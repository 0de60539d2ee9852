// A peer whose every deed is known beforehand: messages reach the others after set delays, and some are dropped, late or
// doubled by their numbers. `node scripted-peer.mjs NAME HOST PORT RATE_PER_SEC OTHERS`, OTHERS as name=host:port,…
import { createServer, request } from "node:http";

const [name, host, port, rate, others] = process.argv.slice(2);
const script = JSON.parse(process.env.SCRIPT ?? "{}");
const {
  delaysMs = {},
  clockAheadMs = {},
  dropped = [],
  late = [],
  doubled = [],
  lateMs = 3000,
  flood = 0,
} = script;
const peers = others === "" ? [] : others.split(",").map((one) => one.split("="));

/** Milliseconds of the machine's clock, and of this peer's own. */
const machineMs = () => performance.timeOrigin + performance.now();
const ownMs = (ms = machineMs()) => ms + (clockAheadMs[name] ?? 0);

const lines = [];
let bytes = 0;
const starts = [];
function tell(event) {
  const line = Buffer.from(`${JSON.stringify(event)}\n`);
  starts.push(bytes);
  lines.push(line);
  bytes += line.length;
}

tell({ type: "start", at: ownMs(), flavour: "scripted" });

function receive({ from, id, number, writtenMs }) {
  const place = number % 100;
  if (dropped.includes(place)) return;
  const delayMs = (delaysMs[`${from}>${name}`] ?? 0) + (late.includes(place) ? lateMs : 0);
  setTimeout(
    () => {
      for (let times = doubled.includes(place) ? 2 : 1; times > 0; times--) {
        tell({ type: "read", at: ownMs(), id, from });
      }
    },
    Math.max(0, writtenMs + delayMs - machineMs()),
  );
}

const server = createServer((asked, reply) => {
  const url = new URL(asked.url, "http://peer");
  if (url.pathname === "/status") {
    reply.end(JSON.stringify({ clock: ownMs(), plan: "scripted", connections: peers.map(([peer]) => peer) }));
  } else if (url.pathname === "/events") {
    const from = Number(url.searchParams.get("from"));
    const first = starts.findLastIndex((start) => start <= from);
    reply.end(from >= bytes ? "" : Buffer.concat(lines.slice(first, first + 50_000)));
  } else {
    let body = "";
    asked.on("data", (part) => {
      body += part;
    });
    asked.on("end", () => {
      receive(JSON.parse(body));
      reply.end();
    });
  }
});

const agent = new (await import("node:http")).Agent({ keepAlive: true });
function send(address, message) {
  const [hostname, peerPort] = [address.slice(0, address.lastIndexOf(":")), address.split(":").at(-1)];
  const sent = request({ hostname, port: peerPort, method: "POST", path: "/message", agent });
  sent.on("error", () => setTimeout(() => send(address, message), 100));
  sent.on("response", (reply) => reply.resume());
  sent.end(JSON.stringify(message));
}

let number = 0;
function write(due) {
  const writtenMs = machineMs();
  const id = `${name}-${number}`;
  tell({ type: "write", at: ownMs(writtenMs), id, due: ownMs(due), size: 10 });
  for (const [, address] of peers) send(address, { from: name, id, number, writtenMs: due });
  number++;
}

server.listen(Number(port), host, () => {
  const gapMs = 1000 / Number(rate);
  let due = machineMs();
  const next = () => {
    due += gapMs;
    setTimeout(
      () => {
        write(due);
        next();
      },
      Math.max(0, due - machineMs()),
    );
  };
  next();
  if (flood > 0) {
    let [told, begunMs] = [0, machineMs()];
    setInterval(() => {
      for (const until = ((machineMs() - begunMs) / 1000) * flood; told < until; told++) {
        tell({ type: "probe", at: ownMs(), op: "read", ok: true, ms: 0.1 });
      }
    }, 10);
  }
});
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
