import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { transactionsOf } from "../../../src/validator/engine/consensus/block.ts";
import { metric, openCommittee } from "../committee.ts";
import { startSpeaker } from "./speaker.ts";

test("a validator that stays behind proposes what it was given, once a second", async () => {
  await using committee = await openCommittee(4);
  const node = await committee.start(0);
  const { chain } = node;
  const [, ...homes] = committee.homes;
  const speakers = await Promise.all(homes.map((home) => startSpeaker(home, 40)));
  using stack = new DisposableStack();
  for (const speaker of speakers) stack.use(speaker);
  await until(() => speakers.every((speaker) => speaker.isConnected()) || undefined, {
    timeoutMs: 10_000,
    everyMs: 5,
    describe: () => "the others are not connected",
  });
  const [first] = speakers;
  if (first === undefined) throw new Error("there is no speaker");
  const own = () =>
    first.received.map(({ block, atMs }) => {
      const texts = transactionsOf(block).map((transaction) => transaction.toString());
      return { round: block.ref.round, texts, atMs };
    });
  const proposed = (count: number) =>
    until(() => (own().length >= count ? own() : undefined), {
      timeoutMs: 10_000,
      everyMs: 5,
      describe: () => `it has proposed ${own().length} blocks, not ${count}`,
    });

  let refs = first.genesis;
  let round = 0;
  const sayRounds = async (last: number) => {
    while (round < last) {
      round++;
      refs = speakers.map((speaker) => speaker.say(round, refs));
    }
    await until(() => metric(node, "mysticeti_round") > last || undefined, {
      timeoutMs: 10_000,
      everyMs: 5,
      describe: () => `it has not taken round ${last}`,
    });
  };
  await sayRounds(10);
  expect(chain.submit(Buffer.from("given")).accepted).toBe(true);
  expect(await proposed(1)).toMatchObject([{ round: 11, texts: ["given"] }]);
  expect(chain.catchingUp()).toBe(true);

  expect(chain.submit(Buffer.from("given later")).accepted).toBe(true);
  // However the rounds go on meanwhile.
  for (const last of [12, 14, 16]) await sayRounds(last);
  const [one, two] = await proposed(2);
  expect(two).toMatchObject({ round: 17, texts: ["given later"] });
  expect((two?.atMs ?? 0) - (one?.atMs ?? 0)).toBeGreaterThan(900);
  expect(chain.catchingUp()).toBe(true);
});
