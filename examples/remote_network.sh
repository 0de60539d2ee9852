#!/usr/bin/env bash
# Asks for the parameters of remote-network, shows them, and runs it: a committee on hosts over SSH, named in the
# environment (MYSTICETI_NODE0_HOST to MYSTICETI_NODE3_HOST), a number of transactions, and statistics at the end.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

note "" "=== Mysticeti Remote Network Example ==="
require_hosts 4

heading "Configure remote network parameters:"
ask_transactions
transactions=$answer
ask_size
size=$answer
ask_rate
rate=$answer
ask_startup_wait
startup_wait=$answer
ask_ssh_timeout
ssh_timeout=$answer
ask_cleanup
cleanup=$answer

heading "Configuration Summary:"
note_hosts 4
note "Number of transactions: $transactions" \
  "Transaction size: $size bytes" \
  "Transaction rate: $rate tx/s" \
  "Startup wait: $startup_wait seconds" \
  "SSH timeout: $ssh_timeout seconds" \
  "Cleanup: $cleanup"
proceed

arguments=(--num-transactions "$transactions" --transaction-size "$size" --transaction-rate "$rate")
arguments+=(--startup-wait "$startup_wait" --ssh-timeout "$ssh_timeout" "--cleanup=$cleanup")

build
note "Starting remote network with specified parameters..."
become remote-network "${arguments[@]}"
