import { once } from "node:events";
import { expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { call, heightOf, openProcesses, type Running, reach } from "../validator/processes.ts";

interface Status {
  readonly sync_info: { readonly latest_block_height: string; readonly catching_up: boolean };
}

/** As many rounds as a committee goes through in a minute at the usual pace; here they go faster. */
const missedHeights = 1_600;

async function kill({ child }: Running): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("a validator a minute behind is level again within seconds, also while another one is dead", {
  tags: "full",
}, async () => {
  await using committee = await openProcesses(4, { minRoundDelayMs: 5 });
  const all = [0, 1, 2, 3].map((authority) => committee.start(authority));
  const [first, second, third, fourth] = all as [Running, Running, Running, Running];
  await reach(all, 10);
  await kill(fourth);
  const missedFrom = await heightOf(first);
  await until(async () => ((await heightOf(first)) > missedFrom + missedHeights ? true : undefined), {
    timeoutMs: 120_000,
    everyMs: 100,
    describe: () => `the others did not come far: ${first.output()}`,
  });
  await kill(third);
  const stoppedAt = await heightOf(first);

  const startedAt = performance.now();
  const back = committee.start(3);
  await until(
    async () => {
      const status = (await call(back, "status").catch(() => undefined)) as Status | undefined;
      if (status === undefined) return undefined;
      const { sync_info: info } = status;
      const isLevel = Number(info.latest_block_height) > stoppedAt && !info.catching_up;
      return isLevel ? true : undefined;
    },
    { timeoutMs: 60_000, everyMs: 20, describe: () => `it is not level: ${back.output()}` },
  );
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  // Without it no quorum is there: it takes part.
  await reach([first, second, back], stoppedAt + 50);
  const appHashOf = async (node: Running) => {
    const reply = await call(node, "block", { height: String(stoppedAt) });
    return (reply as { block: { header: { app_hash: string } } }).block.header.app_hash;
  };
  expect(await appHashOf(back)).toBe(await appHashOf(first));
});
