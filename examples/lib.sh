# shellcheck shell=bash
# Shared by the scripts of this folder, which source it. For bash 3.2 (macOS) and later.
# Questions and messages go to standard error: standard output is for results.

root=$(dirname "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)")

# note LINE...
note() {
  printf '%s\n' "$@" >&2
}

# heading TITLE: underlined.
heading() {
  note "" "$1" "${1//?/=}"
}

# fail LINE...: an error before anything was started.
fail() {
  note "error: $1" "${@:2}"
  exit 2
}

command -v node > /dev/null || fail "Node.js is not on PATH. Install it (https://nodejs.org), and try again."

# build: installs and compiles what is missing, and reports it.
build() {
  # An installed package is already built, and has no such script.
  [ ! -f "$root/scripts/prepare.mjs" ] || node "$root/scripts/prepare.mjs" install build
}

# become BINARY [ARGUMENT...]: replaces this script by that command, which gets signals and sets the exit code.
become() {
  exec node "$root/bin/$1.js" "${@:2}"
}

# Treat closed standard input as empty.
{ : 3<&0; } 2> /dev/null || exec < /dev/null

# Ctrl-C at a question.
trap 'note ""; exit 130' INT

# read_answer: the next line, in $answer. Exits if there is no more input.
read_answer() {
  answer=""
  if read -r answer || [ -n "$answer" ]; then return; fi
  note "" "No more input: nothing was started. In pipelines, use run_benchmark_auto.sh."
  exit 130
}

# ask QUESTION DEFAULT CHECK [TERM...]: asks until $answer passes the check; Enter takes the default.
# A check gets its terms and the answer, and sets $expected to a description of valid answers.
ask() {
  local expected
  while :; do
    printf '%s [%s]: ' "$1" "$2" >&2
    read_answer
    answer=${answer:-$2}
    if "${@:3}" "$answer"; then return; fi
    note "  \"$answer\" is invalid. Enter $expected."
  done
}

# confirm QUESTION: whether the answer is yes; Enter means yes.
confirm() {
  while :; do
    printf '%s [Y/n]: ' "$1" >&2
    read_answer
    case $answer in
      '' | [Yy] | [Yy][Ee][Ss]) return 0 ;;
      [Nn] | [Nn][Oo]) return 1 ;;
    esac
    note "  \"$answer\" is invalid. Enter y or n."
  done
}

# proceed: continues after a yes, else exits.
proceed() {
  note ""
  if confirm "Proceed with these settings?"; then return; fi
  note "Cancelled: nothing was started."
  exit 0
}

# Checks, with the limits of the commands, so that a script asks again if the command would refuse an answer.

# whole_number LEAST MOST ANSWER
whole_number() {
  expected="a whole number from $1 to $2"
  [[ $3 =~ ^[0-9]{1,10}$ ]] && ((10#$3 >= $1 && 10#$3 <= $2))
}

# number MOST ANSWER
number() {
  expected="a number above 0, at most $1"
  [[ $2 =~ ^[0-9]{1,10}([.][0-9]{1,6})?$ ]] &&
    LC_ALL=C awk -v n="$2" -v most="$1" 'BEGIN { exit !(n > 0 && n <= most) }'
}

# numbers MOST ANSWER
numbers() {
  local form='^[0-9.]+( *, *[0-9.]+)*$' one result=0
  [[ $2 =~ $form ]] || result=1
  if [ "$result" = 0 ]; then
    for one in ${2//,/ }; do number "$1" "$one" || result=1; done
  fi
  expected="numbers above 0, at most $1, with commas between them"
  return "$result"
}

# compose_file DEFAULT ANSWER: the default need not be a file.
compose_file() {
  expected="the path of a readable file"
  [ "$2" = "$1" ] || { [ -f "$2" ] && [ -r "$2" ]; }
}

# Questions that several scripts ask. The environment (BALEEN_...) sets their defaults.

# ask_compose_file: $usual_compose_file is the one that the command finds by itself.
ask_compose_file() {
  usual_compose_file="the packaged one"
  [ ! -f ./docker-compose.yml ] || usual_compose_file=./docker-compose.yml
  usual_compose_file=${BALEEN_DOCKER_COMPOSE_PATH:-$usual_compose_file}
  ask "Path to docker-compose.yml file" "$usual_compose_file" compose_file "$usual_compose_file"
}

ask_transactions() {
  ask "Number of transactions to simulate" "${BALEEN_NUM_TRANSACTIONS:-1000}" whole_number 1 1000000000
}

ask_size() {
  ask "Transaction size in bytes" "${BALEEN_TRANSACTION_SIZE:-512}" whole_number 18 749904
}

ask_rate() {
  ask "Transaction rate (tx/s)" "${BALEEN_TRANSACTION_RATE:-100}" number 1000000
}

ask_startup_wait() {
  ask "Startup wait time in seconds" "${BALEEN_STARTUP_WAIT:-30}" number 3600
}

ask_ssh_timeout() {
  ask "SSH timeout in seconds" "${BALEEN_SSH_TIMEOUT:-${SSH_TIMEOUT:-30}}" number 3600
}

# ask_cleanup: the answer is true or false.
ask_cleanup() {
  if confirm "Clean up containers after completion"; then answer=true; else answer=false; fi
}

# require_hosts NODES: exits if hosts of nodes are missing, and names them.
require_hosts() {
  local i name first="" missing=""
  # The command reads and checks the hosts of files.
  [ -z "${BALEEN_HOSTS:-}${BALEEN_CONFIG:-}" ] || return 0
  for ((i = 0; i < $1; i++)); do
    name=MYSTICETI_NODE${i}_HOST
    [ -z "${!name:-}" ] || continue
    first=${first:-$name}
    missing=$missing$'\n'"  $name"
  done
  [ -n "$missing" ] || return 0
  fail "These environment variables are not set:$missing" \
    "Set each one to the address of the host that runs the node, for example:" \
    "  export $first=\"10.0.1.10\"" \
    "Or name a file of hosts (hosts.example.env shows one): export BALEEN_HOSTS=hosts.env"
}

# note_hosts NODES: prints where the nodes run.
note_hosts() {
  local i name
  if [ -n "${BALEEN_HOSTS:-}${BALEEN_CONFIG:-}" ]; then
    note "Hosts: ${BALEEN_HOSTS:-$BALEEN_CONFIG}"
    return
  fi
  for ((i = 0; i < $1; i++)); do
    name=MYSTICETI_NODE${i}_HOST
    note "Node $i: ${!name}"
  done
}
