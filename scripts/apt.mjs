// Programs that tests need, installed where that may be done without asking: as root on Debian or Ubuntu.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const runs = (name, ...args) => spawnSync(name, args, { stdio: "ignore" }).error === undefined;
const sshd = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"];

const programs = [
  {
    name: "sshd",
    packages: ["openssh-server", "openssh-client"],
    isThere: () => sshd.some((path) => existsSync(path)) && runs("ssh-keygen", "-?"),
  },
  // Rules and namespaces of emulated links; an engine brings the first.
  { name: "iptables", packages: ["iptables"], isThere: () => runs("iptables", "--version") },
  { name: "ip", packages: ["iproute2"], isThere: () => runs("ip", "-V") },
  {
    name: "linux.uml",
    packages: ["user-mode-linux", "kmod"],
    isThere: () => existsSync("/usr/bin/linux.uml") && existsSync("/sbin/modprobe"),
    isForFull: true,
  },
  ...["prometheus", "influxd", "victoria-metrics"].map((name) => ({
    name,
    packages: [name === "influxd" ? "influxdb" : name],
    isThere: () => existsSync(`/usr/bin/${name}`),
    isForFull: true,
  })),
  {
    name: "chromium",
    packages: ["--no-install-recommends", "chromium", "fonts-dejavu-core"],
    isThere: () => existsSync("/usr/bin/chromium"),
    isForFull: true,
  },
  ...["babeld", "bird", "tcpdump", "tshark", "iperf3", "socat"].map((name) => ({
    name,
    packages: [name === "bird" ? "bird2" : name],
    isThere: () => ["/usr/sbin", "/usr/bin"].some((folder) => existsSync(`${folder}/${name}`)),
    isForFull: true,
  })),
  {
    name: "python3-venv",
    packages: ["python3-venv"],
    isThere: () => spawnSync("python3", ["-c", "import ensurepip"], { stdio: "ignore" }).status === 0,
    isForFull: true,
  },
  { name: "etcd", packages: ["etcd-server"], isThere: () => existsSync("/usr/bin/etcd") },
  { name: "gcc", packages: ["gcc", "libc6-dev"], isThere: () => runs("gcc", "--version") },
  ...["shellcheck", "busybox", "zsh", "fish"].map((name) => ({
    name,
    packages: [name],
    isThere: () => runs(name, "--version"),
  })),
];

/** Names of those that `npm test` needs, and besides them `npm run test:full`. */
export const programsFor = (isFull) =>
  programs.filter(({ isForFull = false }) => isFull || !isForFull).map(({ name }) => name);

/** Why nothing may be installed here. */
export function whyNotInstalled() {
  if (process.platform === "linux" && process.getuid() === 0 && existsSync("/etc/debian_version"))
    return undefined;
  return "only root on Debian or Ubuntu installs it";
}

/**
 * Installs packages, quietly unless that fails.
 *
 * @param alternatives lists of packages: the first that can be installed is
 * @returns whether one is installed
 */
export function install(...alternatives) {
  // The tests start what they need themselves: no package starts a service for everybody.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const options = { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8", env };
  let complaint = "";
  const apt = (...args) => {
    const { status, stderr } = spawnSync("apt-get", args, options);
    complaint = stderr ?? "";
    return status === 0;
  };
  const isInstalled =
    apt("update", "-qq") && alternatives.some((packages) => apt("install", "-y", "-qq", ...packages));
  if (!isInstalled) console.error(complaint);
  return isInstalled;
}

/**
 * Makes sure that the programs of the tests are there.
 *
 * @param say takes a line of progress
 * @returns {{ name: string; reason: string }[]} those that are not there: their tests are skipped
 */
export function preparePrograms(say, wanted) {
  const missing = () => programs.filter(({ name, isThere }) => wanted.includes(name) && !isThere());
  const before = missing();
  if (before.length === 0) return [];
  const whyNot = whyNotInstalled();
  if (whyNot === undefined) {
    say(`Installing ${before.map(({ name }) => name).join(", ")} (apt-get) …`);
    // One that this system does not have must not keep the others away.
    if (!install(before.flatMap(({ packages }) => packages))) {
      for (const { packages } of missing()) install(packages);
    }
  }
  return missing().map(({ name }) => ({
    name,
    reason: whyNot ?? `apt-get could not install ${name}`,
  }));
}
