import { expect, test } from "vitest";
import { jumpsText, removalText, rulesText } from "../../../src/shaper/queue/rules.ts";

const queue = "-j NFQUEUE --queue-num 47646 --queue-bypass";

test("without others, packets from nodes wait", () => {
  const text = rulesText({ nodes: ["10.0.0.1", "10.0.0.2"], others: false, exemptPorts: [26_657] });
  expect(text).toBe(`*raw
:BALEEN-SHAPER - [0:0]
-A BALEEN-SHAPER -p tcp --dport 26657 -j RETURN
-A BALEEN-SHAPER -p tcp --sport 26657 -j RETURN
-A BALEEN-SHAPER -s 10.0.0.1 ${queue}
-A BALEEN-SHAPER -s 10.0.0.2 ${queue}
COMMIT
`);
});

test("with others, all packets wait but those of loopback and those that wait at their receiver", () => {
  const lines = rulesText({ nodes: ["10.0.0.1"], others: true, exemptPorts: [] }).split("\n");
  expect(lines.slice(2, -2).map((line) => line.replace("-A BALEEN-SHAPER ", ""))).toEqual([
    `-s 10.0.0.1 ${queue}`,
    "-i lo -j RETURN",
    "-o lo -j RETURN",
    "-d 10.0.0.1 -j RETURN",
    queue,
  ]);
});

test("packets go through the chain once", () => {
  const listing = "-P PREROUTING ACCEPT\n-N BALEEN-SHAPER\n-A PREROUTING -j BALEEN-SHAPER\n";
  expect(jumpsText("-P PREROUTING ACCEPT\n", { others: true })).toBe(
    "*raw\n-A PREROUTING -j BALEEN-SHAPER\n-A OUTPUT -j BALEEN-SHAPER\nCOMMIT\n",
  );
  expect(jumpsText(listing, { others: true })).toBe("*raw\n-A OUTPUT -j BALEEN-SHAPER\nCOMMIT\n");
  expect(jumpsText(listing, { others: false })).toBeUndefined();
});

test("only what is ours is removed", () => {
  const listing = [
    "-P PREROUTING ACCEPT",
    "-N OTHER",
    "-N BALEEN-SHAPER",
    "-A PREROUTING -j OTHER",
    "-A PREROUTING -j BALEEN-SHAPER",
    "-A OUTPUT -j BALEEN-SHAPER",
    "-A BALEEN-SHAPER -s 10.0.0.1/32 -j NFQUEUE --queue-num 47646 --queue-bypass",
  ];
  expect(removalText(listing.join("\n"))).toBe(`*raw
-D PREROUTING -j BALEEN-SHAPER
-D OUTPUT -j BALEEN-SHAPER
-F BALEEN-SHAPER
-X BALEEN-SHAPER
COMMIT
`);
  expect(removalText("-P PREROUTING ACCEPT\n-N OTHER\n")).toBeUndefined();
});
