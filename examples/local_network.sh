#!/usr/bin/env bash
# Asks for the parameters of local-network, shows them, and runs it: a committee on this machine, a number of
# transactions, and statistics at the end.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

note "" "=== Mysticeti Local Network Example ==="

heading "Configure local network parameters:"
ask_compose_file
compose_file=$answer
ask_transactions
transactions=$answer
ask_size
size=$answer
ask_rate
rate=$answer
ask_startup_wait
startup_wait=$answer
ask_cleanup
cleanup=$answer

heading "Configuration Summary:"
note "Docker-compose path: $compose_file" \
  "Number of transactions: $transactions" \
  "Transaction size: $size bytes" \
  "Transaction rate: $rate tx/s" \
  "Startup wait: $startup_wait seconds" \
  "Cleanup: $cleanup"
proceed

arguments=(--num-transactions "$transactions" --transaction-size "$size" --transaction-rate "$rate")
arguments+=(--startup-wait "$startup_wait" "--cleanup=$cleanup")
[ "$compose_file" = "$usual_compose_file" ] || arguments+=(--docker-compose-path "$compose_file")

build
note "Starting local network with specified parameters..."
become local-network "${arguments[@]}"
