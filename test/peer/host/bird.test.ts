/** What BIRD's control socket says, as BIRD 2.0.12 of Debian printed it for one of three hosts. */
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { watchBird } from "../../../src/peer/host/view/bird.ts";
import { onlyChanges, type View } from "../../../src/peer/host/view/view.ts";
import { makeTemporaryFolder } from "../../results/temporary-folder.ts";

const hosts = { node0: "198.18.0.1", node1: "198.18.0.2", node2: "198.18.0.3" };
const interfaces = {
  link1: { peer: "node1", address: "198.19.0.0" },
  link2: { peer: "node2", address: "198.19.0.2" },
};

const replies = {
  "show ospf interface": `1015-ospf1:
 Interface link1 (198.19.0.0/31)
 	Type: ptp
 	State: PtP
 	Cost: 10
 	Hello timer: 1
 Interface link2 (198.19.0.2/31)
 	Type: ptp
 	Cost: 25
0000 
`,
  "show ospf neighbors": `1013-ospf1:
 Router ID   	Pri	     State     	DTime	Interface  Router IP
 198.18.0.2  	  1	Full/PtP  	 3.836	link1      198.19.0.1
 198.18.0.3  	  1	Full/PtP  	 3.881	link2      198.19.0.3
 198.18.0.9  	  1	Full/PtP  	 3.881	eth0       10.0.0.1
0000 
`,
  "show route primary": `1007-Table master4:
 198.18.0.3/32        unicast [ospf1 21:35:43.003] * I (150/35) [198.18.0.3]
 	via 198.19.0.1 on link1 weight 1
 	via 198.19.0.3 on link2 weight 1
 198.19.0.0/31        unicast [ospf1 21:35:36.003] * I (150/10) [198.18.0.1]
 	dev link1
 198.18.0.2/32        unicast [ospf1 21:35:42.003] * I (150/20) [198.18.0.2]
 	via 198.19.0.1 on link1
 198.18.0.7/32        unreachable [static1 21:35:42.003] * (200)
0000 
`,
};
const refused = "9001 There is no OSPF protocol running\n";

/** A socket that answers as it is asked, in pieces of a few bytes. */
async function openScript(path: string) {
  const script: Record<string, string> = { ...replies };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.setEncoding("utf8"));
    socket.on("error", () => {});
    socket.write("0001 BIRD 2.0.12 ready.\n");
    socket.on("data", (command: string) => {
      const reply = script[command.trim()] ?? "9000 syntax error\n";
      socket.write(reply.slice(0, 7));
      setImmediate(() => socket.write(reply.slice(7)));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    script,
    hangUp,
    [Symbol.asyncDispose]: async () => {
      hangUp();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function watch(path: string) {
  const views: View[] = [];
  const said: string[] = [];
  const end = new AbortController();
  const ended = watchBird(path, {
    hosts,
    interfaces,
    onView: onlyChanges((view) => views.push(view)),
    log: (message) => said.push(message),
    signal: end.signal,
  });
  const viewed = (count: number) =>
    until(() => Promise.resolve(views[count - 1]), {
      timeoutMs: 10_000,
      everyMs: 10,
      describe: () => JSON.stringify([views, said]),
    });
  return {
    said,
    viewed,
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await ended;
    },
  };
}

const whole = {
  links: [
    { peer: "node1", cost: 10 },
    { peer: "node2", cost: 25 },
  ],
  routes: [
    { to: "node1", via: "node1", metric: 20, installed: true },
    { to: "node2", via: "node1", metric: 35, installed: true },
  ],
};

test("it is followed from before it listens: neighbours, costs, routes, and each change of them once", async () => {
  await using folder = await makeTemporaryFolder();
  const path = join(folder.path, "bird.ctl");
  await using watched = watch(path);
  await until(() => Promise.resolve(watched.said[0]), { timeoutMs: 5000, everyMs: 10, describe: () => "" });
  expect(watched.said).toEqual([expect.stringMatching(/bird\.ctl: .*ENOENT/)]);

  await using bird = await openScript(path);
  expect(await watched.viewed(1)).toEqual(whole);

  // One that has to hear the rest of the network's state again is of no use yet.
  bird.script["show ospf neighbors"] = replies["show ospf neighbors"].replace("Full/PtP  ", "Exchange/PtP");
  expect((await watched.viewed(2)).links).toEqual([{ peer: "node1" }, { peer: "node2", cost: 25 }]);
  bird.script["show ospf neighbors"] = replies["show ospf neighbors"].replace(/.*link1.*\n/, "");
  expect((await watched.viewed(3)).links).toEqual([{ peer: "node2", cost: 25 }]);
  bird.script["show route primary"] = replies["show route primary"].replace(
    "via 198.19.0.1 on link1\n",
    "via 198.19.0.3 on link2\n",
  );
  expect((await watched.viewed(4)).routes).toEqual([
    { to: "node1", via: "node2", metric: 20, installed: true },
    whole.routes[1],
  ]);
});

test("after a lost connection it goes on, and what is refused is said once", async () => {
  await using folder = await makeTemporaryFolder();
  const path = join(folder.path, "bird.ctl");
  await using bird = await openScript(path);
  bird.script["show ospf interface"] = refused;
  bird.script["show ospf neighbors"] = refused;
  await using watched = watch(path);
  expect(await watched.viewed(1)).toEqual({ ...whole, links: [] });
  bird.hangUp();
  Object.assign(bird.script, replies);
  expect(await watched.viewed(2)).toEqual(whole);
  expect(watched.said.filter((line) => line.endsWith("There is no OSPF protocol running"))).toHaveLength(1);
});

test("a reply without end ends the connection, not the host", async () => {
  await using folder = await makeTemporaryFolder();
  const path = join(folder.path, "bird.ctl");
  await using bird = await openScript(path);
  bird.script["show route primary"] = `1007-${"x".repeat(5 * 1024 * 1024)}`;
  await using watched = watch(path);
  await until(() => Promise.resolve(watched.said[0]), {
    timeoutMs: 10_000,
    everyMs: 10,
    describe: () => "",
  });
  expect(watched.said[0]).toMatch(/a reply is longer than/);
  bird.script["show route primary"] = replies["show route primary"];
  expect(await watched.viewed(1)).toEqual(whole);
});
