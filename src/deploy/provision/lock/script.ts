/**
 * What holds a host's lock: a POSIX sh script that stays for as long as the lock is held, so that the kernel frees
 * it whatever ends the script: the end of its standard input (the connection is gone, or the orchestrator), or no
 * heartbeat for a minute, where the shell's `read` knows a limit (bash, busybox).
 *
 * Files, all in a folder that every user may write to (/tmp):
 * - `baleen-host.lock` is locked by flock(1). It is only ever opened for reading: a file of another user in a
 *   sticky folder may not be opened with O_CREAT (fs.protected_regular). It is removed under the lock; who locked a
 *   file that is not there any more tries again.
 * - `baleen-host.holder.<uid>` says who holds it: the script's process, then a line of JSON. One per user, since
 *   what a killed script of another user has left cannot be overwritten. It counts while that process lives.
 *
 * Words: what to do (hold, read, list, sweep), the folder; for hold, an id that no other lock has,
 * how many seconds it may stay without a heartbeat, and the line of JSON.
 * It answers with one line: held, free, busy and the holder's JSON where it is known, or failed and why.
 * List and sweep name, and sweep removes, the files above that a script left which was killed: before that line, one
 * with stale, the path, and the holder's JSON where there is one. Those of other users stay: only they may remove them.
 */
const lockScript = String.raw`
task=$1
folder=$2
id=$3
silence=$4
info=$5
lock=$folder/baleen-host.lock
umask 022

is_holder() {
  tr '\0' '\n' < "/proc/$1/cmdline" 2>/dev/null | grep -Fxq baleen-host-lock
}
is_own() {
  [ -n "$id" ] && is_holder "$1" && tr '\0' '\n' < "/proc/$1/cmdline" 2>/dev/null | grep -Fxq -e "$id"
}
# Sets pid and holder to those of the living holder; else holder to any that is written down.
find_holder() {
  holder=
  for note in "$folder"/baleen-host.holder.*; do
    [ -f "$note" ] || continue
    pid=
    { read -r pid && read -r holder; } 2>/dev/null < "$note"
    case $pid in '' | *[!0-9]*) continue ;; esac
    is_holder "$pid" && return 0
  done
  return 1
}
is_current() {
  [ "$(stat -L -c %d:%i /proc/self/fd/9 2>/dev/null)" = "$(stat -c %d:%i "$lock" 2>/dev/null)" ]
}
release() {
  rm -f "$own_note"
  is_current && rm -f "$lock"
}
await_end() {
  if echo | (read -t 1 -r beat) 2>/dev/null; then
    while read -t "$silence" -r beat; do :; done
  else
    while read -r beat; do :; done
  fi
}
hold() {
  flock -n 9
  case $? in 0) ;; 1) return 10 ;; *) return 12 ;; esac
  is_current || return 11
  own_note=$folder/baleen-host.holder.$(id -u)
  trap 'release; exit 0' HUP INT TERM
  rm -f "$own_note"
  (set -C; printf '%s\n%s\n' $$ "$info" > "$own_note") 2>/dev/null
  echo held
  await_end
  release
  return 0
}
is_removable() {
  [ -f "$1" ] && { [ -O "$1" ] || [ "$(id -u)" = 0 ]; }
}
# While nobody holds the lock.
find_stale() {
  for file in "$folder"/baleen-host.holder.* "$lock"; do
    is_removable "$file" || continue
    holder=
    [ "$file" = "$lock" ] || { read -r pid && read -r holder; } 2>/dev/null < "$file"
    [ "$file" = "$made" ] || echo "stale $file $holder"
    [ "$task" = list ] || rm -f "$file"
  done
}
sweep() {
  flock -n 9
  case $? in 0) ;; 1) return 10 ;; *) return 12 ;; esac
  is_current || return 11
  find_stale
  return 0
}
probe() {
  flock -s -n 9
  case $? in 0) ;; 1) return 10 ;; *) return 12 ;; esac
  [ "$task" = read ] || find_stale
  return 0
}

command -v flock >/dev/null 2>&1 || { echo 'failed there is no flock command; install the package util-linux'; exit 0; }
made=
tries=0
while :; do
  tries=$((tries + 1))
  if [ "$task" = hold ]; then
    (set -C; : > "$lock") 2>/dev/null
    hold 9< "$lock"
  elif [ "$task" = sweep ]; then
    made=
    (set -C; : > "$lock") 2>/dev/null && made=$lock
    sweep 9< "$lock"
  else
    [ -e "$lock" ] || { [ "$task" = read ] || find_stale; echo free; exit 0; }
    probe 9< "$lock"
  fi 2>/dev/null
  case $? in
    0) [ "$task" = hold ] || echo free; exit 0 ;;
    10)
      # A holder that is not known yet is about to say, or is a reader that lets go at once.
      if find_holder; then
        is_own "$pid" || { echo "busy $holder"; exit 0; }
        kill -9 "$pid"
      fi
      [ $tries -lt 20 ] || { echo "busy $holder"; exit 0; } ;;
    *)
      [ $tries -lt 20 ] || { echo "failed $lock cannot be opened and locked; every user must be able to write to $folder"; exit 0; } ;;
  esac
  sleep 0.1 2>/dev/null || sleep 1
done
`;

/** Bash where there is one, for the limit of its read; the name of the program is what a holder is known by. */
const startScript = `script=$1; shift
if command -v bash >/dev/null 2>&1; then exec bash -c "$script" baleen-host-lock "$@"; fi
eval "$script"`;

export type LockTask = "hold" | "read" | "list" | "sweep";

/** The command that takes the lock and stays while it is held, or says who holds it. @param words see above */
export function buildLockArgv(...words: readonly [LockTask, folder: string, ...string[]]): string[] {
  return ["sh", "-c", startScript, "baleen-host-lock", lockScript, ...words];
}
