/** Clients in containers on hosts, beside the nodes or on hosts of their own. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openValidator } from "../results/schemas.ts";
import { listAll } from "./machine.ts";
import {
  complaints,
  expectAsBefore,
  look,
  openRemoteSetting,
  type RemoteSetting,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

interface Run {
  readonly parameters: { readonly clients: number; readonly client_placement?: string };
  readonly ledger: Ledger;
  readonly clients: readonly {
    readonly name: string;
    readonly host: string;
    readonly start_error_ms?: number;
    readonly ledger: Ledger;
  }[];
  readonly environment: { readonly hosts: readonly { readonly host: string }[] };
  readonly evidence: { readonly window_transactions: number; readonly lost_clients?: readonly unknown[] };
  readonly verdict: { readonly status: string; readonly reasons: readonly string[] };
}

interface Ledger {
  readonly scheduled: number;
  readonly sent: Readonly<Record<string, { readonly committed: number; readonly not_seen: number }>>;
  readonly unsent: Readonly<Record<string, number>>;
}

/** The one run of the one bundle, in its published form, which `verify` agrees with. */
async function readVerified(setting: RemoteSetting): Promise<Run> {
  const files = await listAll(join(setting.home, "benchmarks"));
  const file = files.find((name) => /remote_benchmark_1_.*\.json$/.test(name)) ?? "";
  const run = JSON.parse(await readFile(join(setting.home, "benchmarks", file), "utf8")) as Run;
  expect((await openValidator("run"))(run)).toEqual([]);
  const [bundle = ""] = file.split("/");
  const verified = await setting.start("baleen", ["verify", join("benchmarks", bundle)]).ended;
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("AGREES")]);
  return run;
}

const fatesOf = ({ sent, unsent }: Ledger) =>
  [
    ...Object.values(sent).map(({ committed, not_seen }) => committed + not_seen),
    ...Object.values(unsent),
  ].reduce((sum, count) => sum + count, 0);

/** Every transaction has one fate at one client, and the clients began together. */
function expectShared({ ledger, clients, ...run }: Run, hosts: readonly string[]): void {
  expect(clients.map(({ name, host }) => [name, host])).toEqual(
    hosts.map((host, index) => [`client${index}`, host]),
  );
  expect(fatesOf(ledger)).toBe(ledger.scheduled);
  const share = run.evidence.window_transactions / hosts.length;
  for (const client of clients) {
    expect(fatesOf(client.ledger)).toBe(client.ledger.scheduled);
    expect(client.ledger.scheduled).toBe(share);
    expect(client.start_error_ms).toBeGreaterThan(0);
    expect(client.start_error_ms).toBeLessThan(5);
  }
}

describe.skipIf(whyNoTestHosts !== undefined)(`clients on hosts ${whyNoTestHosts ?? ""}`, () => {
  const [load, secs] = [100, 4];
  const usual = [`--loads=${load}`, `--duration=${secs}`, "--warm-up=1", "--cleanup-thorough"];
  let hosts: SharedHosts;
  let before: readonly (readonly string[])[];
  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 4, docker: true });
    before = await Promise.all([0, 1, 2, 3].map((index) => look(hosts, index)));
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test("of their own: the load is shared out, begins everywhere at once, and adds up", async () => {
    await using setting = await openRemoteSetting(hosts, 2);
    const { code, stderr } = await setting.remote([...usual, "--client-placement=dedicated"]).ended;
    expect([code, complaints(stderr)]).toEqual([0, []]);
    const run = await readVerified(setting);
    expect(run.parameters).toMatchObject({ clients: 2, client_placement: "dedicated" });
    expect(run.ledger.scheduled).toBe(load * secs);
    expectShared(run, ["client-host0", "client-host1"]);
    expect(run.environment.hosts.map(({ host }) => host)).toEqual([
      ...["coordinator", "host0", "host1", "client-host0", "client-host1"],
    ]);
    await expectAsBefore(hosts, before);
  });

  test("of the nodes: they reach their own nodes alone, whose ports are closed to all others", async () => {
    await using setting = await openRemoteSetting(hosts, 2);
    const args = ["--client-placement=colocated", "--rpc-via=ssh"];
    const { code, stderr } = await setting.remote([...usual, ...args]).ended;
    expect([code, complaints(stderr)]).toEqual([0, []]);
    const run = await readVerified(setting);
    expect(run.parameters).toMatchObject({ clients: 2, client_placement: "colocated" });
    expect(run.ledger.scheduled).toBe(load * secs);
    expectShared(run, ["host0", "host1"]);
    await expectAsBefore(hosts, before);
  });

  test("that are lost take their share along, and the run is invalid", async () => {
    await using setting = await openRemoteSetting(hosts, 2);
    const command = setting.remote([...usual, "--client-placement=dedicated"]);
    await command.says("measuring", 120_000);
    await hosts.inside(3, "sh", "-c", "docker kill $(docker ps -q --filter label=baleen.run)");
    const { code, stderr } = await command.ended;
    expect([code, complaints(stderr)]).toEqual([
      3,
      [
        "warning: lost client1 on client-host1: its container ended with SIGKILL; the run continues on the other hosts and is invalid",
      ],
    ]);
    const run = await readVerified(setting);
    expect(run.ledger.scheduled).toBe((load * secs) / 2);
    expect(run.clients.map(({ name }) => name)).toEqual(["client0"]);
    expect(run.evidence.lost_clients).toEqual([
      {
        clients: ["client1"],
        host: "client-host1",
        at_secs: expect.any(Number),
        window_transactions: (load * secs) / 2,
        reason: "its container ended with SIGKILL",
      },
    ]);
    expect(run.verdict.status).toBe("invalid");
    expect(run.verdict.reasons[0]).toMatch(
      /^client1 on client-host1 was lost \d\.\d s into the window, with 50\.0 % of the offered load: /,
    );
    await expectAsBefore(hosts, before);
  });

  test("leave nothing behind when the command is interrupted", async () => {
    await using setting = await openRemoteSetting(hosts, 2);
    const long = ["--loads=50", "--duration=60", "--warm-up=0", "--cleanup-thorough"];
    const command = setting.remote([...long, "--client-placement=dedicated"]);
    await command.says("measuring", 120_000);
    process.kill(command.pid, "SIGINT");
    expect((await command.ended).code).toBe(130);
    await expectAsBefore(hosts, before);
  });
});
