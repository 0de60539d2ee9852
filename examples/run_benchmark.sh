#!/usr/bin/env bash
# Asks for the parameters of benchmark, shows them, and runs it: a sweep over loads on a committee here, on hosts over
# SSH (MYSTICETI_NODE0_HOST and so on), or on both.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

# network_type ANSWER
network_type() {
  expected="local, remote or both"
  [[ $1 == local || $1 == remote || $1 == both ]]
}

# folder ANSWER
folder() {
  expected="the path of a folder"
  [ ! -e "$1" ] || [ -d "$1" ]
}

note "" "=== Mysticeti Benchmark Example ==="

heading "Configure benchmark parameters:"
ask "Network type (local, remote or both)" "${BALEEN_NETWORK_TYPE:-local}" network_type
network=$answer
ask "Number of nodes in the committee" "${BALEEN_COMMITTEE:-4}" whole_number 4 128
committee=$answer
[ "$network" = local ] || require_hosts "$committee"
# With "both", the two networks run the same loads.
case $network in
  local) usual_loads=${BALEEN_LOADS:-${BALEEN_LOCAL_LOADS:-100,200,500}} ;;
  *) usual_loads=${BALEEN_LOADS:-${BALEEN_REMOTE_LOADS:-50,100,200}} ;;
esac
ask "Loads in tx/s, separated by commas" "$usual_loads" numbers 1000000
loads=$answer
ask "Duration of each benchmark in seconds" "${BALEEN_DURATION:-180}" number 604800
duration=$answer
ask_size
size=$answer
ask_startup_wait
startup_wait=$answer
if [ "$network" != remote ]; then
  ask_compose_file
  compose_file=$answer
fi
if [ "$network" != local ]; then
  ask_ssh_timeout
  ssh_timeout=$answer
fi
ask "Directory for the results" "${BALEEN_OUTPUT_DIR:-./benchmarks}" folder
output_dir=$answer
ask_cleanup
cleanup=$answer

heading "Configuration Summary:"
note "Network type: $network" \
  "Committee size: $committee"
arguments=(--network-type "$network" --committee "$committee" --loads "$loads" --duration "$duration")
arguments+=(--transaction-size "$size" --startup-wait "$startup_wait" --output-dir "$output_dir" "--cleanup=$cleanup")
if [ "$network" != local ]; then
  note_hosts "$committee"
  note "SSH timeout: $ssh_timeout seconds"
  arguments+=(--ssh-timeout "$ssh_timeout")
fi
if [ "$network" != remote ]; then
  note "Docker-compose path: $compose_file"
  [ "$compose_file" = "$usual_compose_file" ] || arguments+=(--docker-compose-path "$compose_file")
fi
note "Loads: $loads tx/s" \
  "Duration: $duration seconds" \
  "Transaction size: $size bytes" \
  "Startup wait: $startup_wait seconds" \
  "Results: $output_dir" \
  "Cleanup: $cleanup"
proceed

build
note "Starting benchmark with specified parameters..."
become benchmark "${arguments[@]}"
