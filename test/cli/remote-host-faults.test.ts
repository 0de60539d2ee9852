/** Hosts that answer and cannot hold a node: told with host, cause and remedy, and nothing is left on any of them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { someOf } from "../support/some-of.ts";
import { testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";
import {
  expectRefusal,
  hostLines,
  openRemoteSetting,
  type RemoteHosts,
  startRemoteHosts,
  watchHosts,
} from "./refusal-setting.ts";

/** Takes a host's port for as long as the test runs, as somebody's program does. */
const takePort = (port: number) =>
  `perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5) or die; sleep 600' >/dev/null 2>&1 & ` +
  `until ss -Hltn "sport = :${port}" | grep -q .; do sleep 0.05; done`;
/** Somebody's container, of an empty image and the host's own programs. */
const startForeign = (port: number) => `set -e
  tar -c -T /dev/null | docker import - empty >/dev/null
  folders=$(for folder in /usr /bin /lib /lib64; do [ -e $folder ] && echo "-v $folder:$folder:ro"; done)
  docker run -d --name foreign $folders -p ${port}:${port} empty sleep 600`;
const stopEngine =
  "kill $(cat /run/docker.pid); while [ -e /run/docker.pid ]; do sleep 0.05; done; rm -f /var/log/docker*.log";
/** An engine that ends at once, with a word of why. */
const breakEngine = `mv /usr/sbin/dockerd /usr/sbin/dockerd.whole
  printf '#!/bin/sh\\necho "failed to start daemon: no such storage driver" >&2\\nexit 1\\n' > /usr/sbin/dockerd
  chmod 755 /usr/sbin/dockerd; ${stopEngine}`;
const mendEngine = `mv /usr/sbin/dockerd.whole /usr/sbin/dockerd; service docker start >/dev/null
  until docker version >/dev/null 2>&1; do sleep 0.1; done`;

describe.skipIf(whyNoTestHosts !== undefined)(`a host cannot hold a node ${whyNoTestHosts ?? ""}`, () => {
  let fleet: RemoteHosts;
  beforeAll(async () => {
    fleet = await startRemoteHosts();
  }, testHostsLimitMs);
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const arrange = (host: number, command: string, undo: string) => async () => {
    await fleet.inside(host, command);
    return () => fleet.inside(host, undo);
  };
  const bare = () => hostLines(fleet.hosts, 1, 2);

  someOf<readonly [string, string, string, RegExp]>(
    [
      [
        "a program has its port",
        takePort(26_657),
        "pkill perl",
        /^error: host1 \(\S+\): port 26657 is taken by perl \(process \d+\)\. Stop it, or use another host\.$/,
      ],
      [
        "somebody's container has its port",
        startForeign(26_656),
        "docker rm -f foreign; docker rmi empty",
        /^error: host1 \(\S+\): port 26656 is taken by the container foreign\. Stop it, or use another host\.$/,
      ],
      [
        "the disk is full",
        "mount -t tmpfs -o size=200m tmpfs /var/lib/docker",
        "umount /var/lib/docker",
        /^error: host1 \(\S+\): only 200 MiB are free in \/var\/lib\/docker, but 1024 MiB are needed\. Free some space there/,
      ],
      [
        "there is too little memory",
        'sed "s/^MemAvailable:.*/MemAvailable: 90000 kB/" /proc/meminfo > /run/little; mount --bind /run/little /proc/meminfo',
        "umount /proc/meminfo; rm /run/little",
        /^error: host1 \(\S+\): only 87 MiB of memory are available, but 128 MiB are needed\. Stop other programs/,
      ],
    ],
    1,
  )("because %s", (_, command, undo, diagnostic) =>
    expectRefusal(fleet, { arrange: arrange(1, command, undo), diagnostics: [diagnostic] }),
  );

  const sudoers = "/etc/sudoers.d/ubuntu";
  const remedy = String.raw`et ubuntu use sudo without a password \(a line "ubuntu ALL=\(ALL\) NOPASSWD:ALL" in /etc/sudoers\.d/\), or have Docker installed and started`;
  const withSudo = `echo 'ubuntu ALL=(ALL) NOPASSWD:ALL' > ${sudoers}`;
  someOf<readonly [string, string, string, RegExp]>(
    [
      [
        "sudo wants a password",
        `echo 'ubuntu ALL=(ALL) ALL' > ${sudoers}`,
        withSudo,
        new RegExp(`Docker is not installed, and sudo asks ubuntu for a password\\. L${remedy}`),
      ],
      [
        "sudo does not know the user",
        `: > ${sudoers}`,
        withSudo,
        new RegExp(`Docker is not installed, and sudo asks ubuntu for a password\\. L${remedy}`),
      ],
      [
        "there is no sudo",
        "mv /usr/bin/sudo /usr/bin/no-sudo",
        "mv /usr/bin/no-sudo /usr/bin/sudo",
        new RegExp(`Docker is not installed, and sudo is not installed\\. Install it, and l${remedy}`),
      ],
      [
        "its system is of a kind that is not known",
        `mv /usr/bin/apt-get /usr/bin/no-apt-get; mv /etc/os-release /etc/no-os-release
        printf 'ID=plan9\\nPRETTY_NAME="Plan 9"\\n' > /etc/os-release`,
        "mv /usr/bin/no-apt-get /usr/bin/apt-get; mv -f /etc/no-os-release /etc/os-release",
        /Docker is not installed, and Plan 9 has none of apt-get, dnf, yum and apk to install it with\. Install Docker by hand/,
      ],
    ],
    1,
  )("because %s where Docker has to be installed", (_, command, undo, diagnostic) =>
    expectRefusal(fleet, {
      lines: bare(),
      arrange: arrange(2, command, undo),
      diagnostics: [new RegExp(`^error: host1 \\(\\S+\\): ${diagnostic.source}`)],
    }),
  );

  const sshdConfig = "/etc/ssh/sshd_config";
  /** It starts itself anew under the same pid, and is back when it listens again. */
  const reload =
    "pid=$(cat /run/sshd.pid); rm /run/sshd.pid; kill -HUP $pid; " +
    "until [ -s /run/sshd.pid ]; do sleep 0.05; done";
  const withoutLastLine = `sed -i '$d' ${sshdConfig}; ${reload}`;
  someOf<readonly [string, string, string, RegExp]>(
    [
      [
        "its sshd runs one command only",
        `echo 'ForceCommand echo backups' >> ${sshdConfig}; ${reload}`,
        withoutLastLine,
        /^error: Cannot lock host1 \(\S+\): its shell ended without output; it must run a POSIX shell as `sh` for this user, without a forced command\.$/,
      ],
      [
        "its sshd opens no session",
        `echo 'MaxSessions 0' >> ${sshdConfig}; ${reload}`,
        withoutLastLine,
        /^error: host1 \(\S+\) does not open a session for sh: open failed\. Check MaxSessions and ForceCommand of its sshd\.$/,
      ],
      [
        "its sshd forwards nothing",
        `echo 'DisableForwarding yes' >> ${sshdConfig}; ${reload}`,
        withoutLastLine,
        /^error: The Docker engine at \S+ \/var\/run\/docker\.sock \(host1\) did not .*: open failed\. Check that something listens there, that the user may use it, and that sshd allows forwarding\.$/,
      ],
      [
        "its /tmp cannot be written to",
        "mount -t tmpfs -o ro tmpfs /tmp",
        "umount /tmp",
        /^error: Cannot lock host1 \(\S+\): \/tmp\/baleen-host\.lock cannot be opened and locked; every user must be able to write to \/tmp\.$/,
      ],
    ],
    1,
  )("because %s", (_, command, undo, diagnostic) =>
    expectRefusal(fleet, { arrange: arrange(1, command, undo), diagnostics: [diagnostic] }),
  );

  test("and others have other faults: all are told", () =>
    expectRefusal(fleet, {
      lines: bare(),
      arrange: async () => {
        await fleet.inside(0, takePort(26_657));
        await fleet.inside(2, `${takePort(26_656)}; : > ${sudoers}`);
        return async () => {
          await fleet.inside(0, "pkill perl");
          await fleet.inside(2, `pkill perl; ${withSudo}`);
        };
      },
      diagnostics: [
        /^error: host0 .*: port 26657 is taken by perl /,
        /^error: host1 .*: Docker is not installed, and sudo asks ubuntu for a password\./,
        /^error: host1 .*: port 26656 is taken by another program\./,
      ],
    }));

  test("no sudo and no password are needed where the user may use Docker", { tags: "full" }, async () => {
    await using setting = await openRemoteSetting(fleet);
    await fleet.inside(1, `: > ${sudoers}`);
    try {
      const { code, stderr } = await setting.start("baleen", ["hosts", "check", "--hosts=hosts.env"]).ended;
      expect([code, stderr]).toEqual([0, ""]);
    } finally {
      await fleet.inside(1, withSudo);
    }
  });

  test(
    "because its engine does not run and cannot be started, which shows in the run",
    { tags: "full" },
    () =>
      expectRefusal(fleet, {
        arrange: arrange(1, breakEngine, mendEngine),
        late: true,
        diagnostics: [
          /^error: Cannot prepare host1 \(\S+\): its Docker engine does not start: .*it ended at once: .*failed to start daemon: no such storage driver.*\. Start it there, and try again\.$/,
        ],
      }),
  );

  test("because no registry has the image, which shows in the run", { tags: "full" }, () =>
    expectRefusal(fleet, {
      args: ["--image=127.0.0.1:9/nobody/has-this:1", "--pull"],
      late: true,
      diagnostics: [
        /^error: Cannot put image 127\.0\.0\.1:9\/nobody\/has-this:1 on host[01]: .*connection refused\. Check its name, and that the host can reach the registry/,
      ],
    }),
  );

  test("because it is held by another run, which is named", { tags: "full" }, async () => {
    await using setting = await openRemoteSetting(fleet);
    const expectHostsAsBefore = await watchHosts(fleet);
    const first = setting.start("benchmark", [
      ...[
        "--network-type=remote",
        "--committee=2",
        "--allow-no-faults",
        "--rpc-via=ssh",
        "--hosts=hosts.env",
      ],
      ...["--loads=20", "--duration=600", "--warm-up=0", "--cleanup-thorough"],
    ]);
    await first.says("measuring");
    const run = /^Sweep (\w+):/m.exec(first.seen.stderr)?.[1] ?? "no run";
    const second = await setting.start("baleen", ["hosts", "prepare", "--hosts=hosts.env"]).ended;
    expect(second.code).toBe(1);
    for (const host of ["host0", "host1"]) {
      expect(second.stdout).toMatch(
        new RegExp(
          `${host} \\(\\S+\\) is already in use by run ${run} \\(.*process ${first.pid}\\), since .* Wait for it`,
        ),
      );
    }
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(130);
    // What stays on purpose: the image, for the next run.
    await fleet.inside(0, "docker rmi -f $(docker images -q)");
    await fleet.inside(1, "docker rmi -f $(docker images -q)");
    await expectHostsAsBefore();
  });
});
