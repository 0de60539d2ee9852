import { type Host, HostError } from "../../../contracts/hosts/host.ts";
import { CommandError } from "../../../core/process/command.ts";
import { type HostFacts, parseSurvey } from "./facts.ts";

/**
 * What is run on a host to look it over: POSIX sh (dash, bash, busybox ash), from standard input, so that nothing
 * has to be quoted. It only reads. Each fact is a line of its own: a key, a blank, and the value; several lines may
 * bear one key. The first argument is the folder that stands for "/": empty, but in tests.
 *
 * All of it is one function that is called at the very end, with an empty standard input: no command can eat the
 * rest of the script, and a script that was cut short does nothing.
 *
 * The second argument is how many seconds each command may take that asks a daemon.
 */
const surveyScript = String.raw`
say() { printf '%s %s\n' "$1" "$2"; }
say_lines() { while IFS= read -r line || [ -n "$line" ]; do say "$1" "$line"; done; }
have() { command -v "$1" >/dev/null 2>&1; }

# A daemon that hangs must not hang us.
bounded() {
  if have timeout && timeout 5 true 2>/dev/null; then timeout "$patience" "$@"; else "$@"; fi
}
as_root() {
  case $sudo in
    root) "$@" ;;
    passwordless) sudo -n "$@" ;;
    *) return 1 ;;
  esac
}

survey_system() {
  say kernel-name "$(uname -s)"
  say kernel-release "$(uname -r)"
  say machine "$(uname -m)"
  for file in "$root/etc/os-release" "$root/usr/lib/os-release"; do
    if [ -r "$file" ]; then say_lines os-release < "$file"; break; fi
  done
  if have nproc; then say cpus "$(nproc)"; else say cpus "$(grep -c '^processor' "$root/proc/cpuinfo")"; fi
  grep -m 1 '^model name' "$root/proc/cpuinfo" 2>/dev/null | say_lines cpu-model
  grep -E '^Mem(Total|Available):' "$root/proc/meminfo" 2>/dev/null | say_lines memory
  if have systemd-detect-virt; then say virtualization "$(systemd-detect-virt 2>/dev/null)"
  elif [ -e "$root/.dockerenv" ]; then say virtualization docker; fi
  if have timedatectl; then say clock-synchronized "$(bounded timedatectl show -p NTPSynchronized --value 2>/dev/null)"
  elif have chronyc; then bounded chronyc -n tracking 2>/dev/null | grep '^Leap status' | say_lines chrony; fi
}

survey_rights() {
  uid=$(id -u)
  say user "$(id -un)"
  if [ "$uid" = 0 ]; then sudo=root
  elif ! have sudo; then sudo=missing
  elif bounded sudo -n true >/dev/null 2>&1; then sudo=passwordless
  else sudo=password; fi
  say sudo "$sudo"
}

survey_tools() {
  if [ -d "$root/run/systemd/system" ]; then say init systemd
  elif [ -e "$root/run/openrc/softlevel" ]; then say init openrc
  elif [ "$(cat "$root/proc/1/comm" 2>/dev/null)" = init ] && [ -d "$root/etc/init.d" ]; then say init sysv
  else say init none; fi
  for tool in apt-get dnf yum apk; do
    if have "$tool"; then say package-tool "$tool"; break; fi
  done
}

# Its own addresses, and which of them the connection came in at.
survey_addresses() {
  set -- $SSH_CONNECTION
  [ -z "$3" ] || say ssh-address "$3"
  have awk && [ -r "$root/proc/net/fib_trie" ] || return 0
  awk '/\|--/ { address = $2 } /\/32 host LOCAL/ { print address }' "$root/proc/net/fib_trie" | sort -u | say_lines address
  [ ! -r "$root/proc/net/if_inet6" ] || awk '{ print $1 }' "$root/proc/net/if_inet6" | say_lines address6
}

# Each listener as its hexadecimal address and inode, then who has which inode.
survey_ports() {
  have awk && [ -r "$root/proc/net/tcp" ] || return 0
  say ports-known yes
  listeners=$(cat "$root/proc/net/tcp" "$root/proc/net/tcp6" 2>/dev/null | awk '$4 == "0A" { print $2, $10 }')
  [ -n "$listeners" ] || return 0
  printf '%s\n' "$listeners" | say_lines listener
  inodes=$(printf '%s\n' "$listeners" | awk '{ printf "%s ", $2 }')
  if [ "$sudo" = root ] || [ "$sudo" = passwordless ]; then
    as_root sh -c 'ls -l "$1"/proc/[0-9]*/fd 2>/dev/null' sh "$root"
  else
    ls -l "$root"/proc/[0-9]*/fd 2>/dev/null
  fi | awk -v inodes="$inodes" '
    BEGIN { n = split(inodes, list, " "); for (i = 1; i <= n; i++) wanted["socket:[" list[i] "]"] = list[i] }
    /\/proc\/[0-9]+\/fd:$/ { n = split($0, parts, "/"); pid = parts[n - 1] }
    $NF in wanted { print wanted[$NF], pid }' | sort -u |
    while read -r inode pid; do
      say owner "$inode $pid $(cat "$root/proc/$pid/comm" 2>/dev/null)"
    done
}

# Asks an engine: the way to it, its socket, then the words of the command.
ask_engine() {
  way=$1
  socket=$2
  shift 2
  if ! answer=$(bounded "$@" version --format '{{json .Server}}' 2>&1); then
    printf '%s\n' "$answer" | say_lines engine-failure
    return 1
  fi
  say engine-way "$way"
  say engine-socket "$socket"
  printf '%s\n' "$answer" | say_lines engine-version
  info=$(bounded "$@" info --format '{{json .}}' 2>/dev/null)
  printf '%s\n' "$info" | say_lines engine-info
  data_root=$(printf '%s\n' "$info" | sed -n 's/.*"DockerRootDir":"\([^"]*\)".*/\1/p')
  bounded "$@" ps --format '{{.Names}}	{{.Label "baleen.run"}}	{{.Ports}}' 2>/dev/null | say_lines container
}

survey_docker() {
  client=$(command -v docker) || client=
  if have dockerd; then say docker-engine "$(command -v dockerd)"; fi
  [ -n "$client" ] || return 0
  say docker-client "$client"
  say docker-client-version "$(bounded docker --version 2>/dev/null)"
  usual=$root/var/run/docker.sock
  if [ -S "$usual" ] && [ -w "$usual" ]; then
    ask_engine user "$usual" docker -H "unix://$usual" && return 0
  fi
  context=$(bounded docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)
  own=$root$XDG_RUNTIME_DIR/docker.sock
  [ -n "$XDG_RUNTIME_DIR" ] || own=$root/run/user/$uid/docker.sock
  for socket in "$(printf '%s\n' "$context" | sed -n 's|^unix://||p')" "$own"; do
    [ "$socket" != "$usual" ] && [ -S "$socket" ] && [ -w "$socket" ] || continue
    ask_engine user "$socket" docker -H "unix://$socket" && return 0
  done
  [ "$sudo" = passwordless ] && ask_engine root "$usual" sudo -n docker
}

# Where an engine that does not run would keep its images.
find_data_root() {
  [ -z "$data_root" ] || return 0
  case $client in
    "$root"/snap/*) data_root=/var/snap/docker/common/var-lib-docker ;;
    *) data_root=$(sed -n 's/.*"data-root"[^"]*"\([^"]*\)".*/\1/p' "$root/etc/docker/daemon.json" 2>/dev/null) ;;
  esac
  [ -n "$data_root" ] || data_root=/var/lib/docker
}

# Free space where the images are, or would be.
survey_disk() {
  say data-disk-path "$data_root"
  folder=$root$data_root
  until free=$(as_root df -kP "$folder" 2>/dev/null || df -kP "$folder" 2>/dev/null); do
    [ "$folder" != / ] && [ "$folder" != . ] || return 0
    folder=$(dirname "$folder")
  done
  printf '%s\n' "$free" | tail -n 1 | say_lines data-disk
}

survey() {
  root=$1
  patience=$2
  LC_ALL=C
  PATH="$PATH:$root/usr/sbin:$root/sbin:$root/snap/bin"
  export LC_ALL PATH
  data_root=
  client=
  say baleen-survey 1
  survey_rights
  survey_system
  survey_tools
  survey_addresses
  survey_ports
  survey_docker
  find_data_root
  survey_disk
  say end survey
}

survey "$1" "$2" </dev/null
`;

/** A daemon that hangs is asked so often at most (sudo, the clock, the engine by two ways), and is to be told of. */
const patienceParts = 5;

/**
 * Looks a host over in one round trip; changes nothing on it.
 *
 * @param options.root folder that stands for "/" on the host; for tests
 * @throws HostError where the host has no POSIX shell, and what the connection throws
 */
export async function surveyHost(
  host: Pick<Host, "name" | "description" | "timeoutMs" | "exec">,
  { signal, root = "" }: { readonly signal: AbortSignal; readonly root?: string },
): Promise<HostFacts> {
  const { timeoutMs } = host;
  const patienceSecs = Math.max(1, Math.floor(timeoutMs / 1000 / patienceParts));
  const argv = ["sh", "-s", "--", root, String(patienceSecs)];
  const limits = { timeoutMs, signal, allowFailure: true };
  const result = await host.exec(argv, { ...limits, input: surveyScript }).catch((error: unknown) => {
    throw error instanceof CommandError && error.reason !== "exit" ? unfinished(host, error) : error;
  });
  const facts = parseSurvey(host, result.stdout);
  if (facts !== undefined) return facts;
  const said = result.stderr.trim().slice(-longestSaid).split("\n").slice(-3).join("; ");
  const silent = `its shell ended with exit code ${result.exitCode} and without the facts asked for`;
  throw surveyError(host, said || silent);
}

const longestSaid = 1000;

function surveyError({ name, description }: Pick<Host, "name" | "description">, why: string): HostError {
  const message = `Cannot inspect ${name} (${description}): ${why}. It must run a POSIX shell as \`sh\` for this user, without a forced command.`;
  return new HostError({ code: "host-survey", host: name, message });
}

function unfinished(host: Pick<Host, "name" | "description" | "timeoutMs">, error: CommandError): HostError {
  if (error.reason !== "timeout") return surveyError(host, "its shell writes without end");
  const secs = host.timeoutMs / 1000;
  return surveyError(host, `its shell did not finish within ${secs} s; to wait longer, use --ssh-timeout`);
}
