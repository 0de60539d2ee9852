import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { connectTo, startSshd, whyNoSshd } from "../support/sshd.ts";

const has6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === "::1"),
);
const whyNot = whyNoSshd ?? (has6 ? undefined : "this machine has no ::1");

test.skipIf(whyNot !== undefined)(
  `a host is reached over IPv6, its key known by its address in brackets ${whyNot ?? ""}`,
  async () => {
    await using sshd = await startSshd({ config: ["ListenAddress ::1"] });
    const known = await sshd.knowHost(["ed25519"], `[::1]:${sshd.port}`);
    const address = { host: "::1" };
    await using host = await connectTo(sshd, { address, knownHostsFiles: [known] });
    const { stdout } = await host.exec(["sh", "-c", 'echo "$SSH_CONNECTION"'], { timeoutMs: 30_000 });
    expect(stdout).toMatch(/^::1 \d+ ::1 \d+$/m);
    expect(host.description).toContain(`@[::1]:${sshd.port}`);
  },
);
