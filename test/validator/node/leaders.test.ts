import { expect, test } from "vitest";
import { until } from "../../../src/core/async.ts";
import { metric, openCommittee } from "../committee.ts";
import { startSpeaker } from "./speaker.ts";

test("a leader that is connected is waited for until the time-out", async () => {
  await using committee = await openCommittee(4);
  const node = await committee.start(0);
  const [, ...homes] = committee.homes;
  const speakers = await Promise.all(homes.map((home) => startSpeaker(home, 0)));
  using stack = new DisposableStack();
  for (const speaker of speakers) stack.use(speaker);
  const [leader, two, three] = speakers;
  if (leader === undefined || two === undefined || three === undefined) throw new Error("there are too few");
  const own = (round: number) => leader.received.find(({ block }) => block.ref.round === round)?.block;
  const proposed = (round: number) =>
    until(() => own(round), {
      timeoutMs: 10_000,
      everyMs: 5,
      describe: () => `it has not proposed in round ${round}`,
    });
  const first = await proposed(1);
  expect(metric(node, "leader_timeout_total")).toBe(0);

  // Authority 1 leads round 1, is there, and says nothing.
  for (const speaker of [two, three]) speaker.say(1, leader.genesis);
  const second = await proposed(2);
  expect(second.parents.map((parent) => parent?.author)).toEqual([0, undefined, 2, 3]);
  expect(second.parents[0]?.key).toBe(first.ref.key);
  expect(metric(node, "leader_timeout_total")).toBe(1);
});
