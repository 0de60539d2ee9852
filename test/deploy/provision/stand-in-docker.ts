import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { StandInHost } from "./stand-in-host.ts";

/** The docker command of an engine that runs while `$state/engine` is there, and lets in whom `$state/open` says. */
export const dockerBody = String.raw`
case "$1" in
  --version) echo 'Docker version 24.0.7, build 24.0.7-0ubuntu2'; exit 0 ;;
  context) printf '%s\n' "unix://$root/var/run/docker.sock"; exit 0 ;;
  -H) shift 2 ;;
esac
if ! [ -e "$state/engine" ]; then
  echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2
  exit 1
fi
case "$1" in
  version) echo '{"Version":"24.0.7","ApiVersion":"1.43","Os":"linux"}' ;;
  info) echo '{"DockerRootDir":"/data/docker","Driver":"overlay2","SecurityOptions":["name=seccomp"]}' ;;
  ps) printf 'web\t\t0.0.0.0:80->80/tcp, :::80->80/tcp\nnode-0\tr1\t0.0.0.0:26656-26657->26656-26657/tcp, 0.0.0.0:9->9/udp\n' ;;
esac
`;

/** sudo as it is set up in clouds. */
export const sudoBody = `[ "$1" = -n ] && shift\nexec "$@"`;

/** sudo as it is where nobody has set it up for this user. */
export const sudoWithPasswordBody = "echo 'sudo: a password is required' >&2\nexit 1";

/** Makes the engine's socket where it usually is. */
export async function openEngineSocket(standIn: StandInHost): Promise<AsyncDisposable> {
  const path = join(standIn.root, "var/run/docker.sock");
  await mkdir(dirname(path), { recursive: true });
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
