#!/bin/sh
# Makes the genesis of a committee of asonnino/mysticeti, which is the same on every node, and runs one replica of it:
#   start.sh HOME REPLICA INDEX METRICS_PORT NODE_RATE TRANSACTION_BYTES PEERS
# REPLICA is the program, PEERS the addresses of all replicas, by index: HOST:PORT,HOST:PORT,…
set -eu
home=$1 replica=$2 index=$3 metrics_port=$4 node_rate=$5 transaction_bytes=$6 peers=$7
command -v "$replica" > /dev/null || {
  echo "start.sh: there is no program $replica. Build it (see mysticeti-rs.yaml) and put it on PATH, or name its file with --protocol-option replica=/PATH/TO/replica." >&2
  exit 1
}

genesis=$home/genesis
ips=$(echo "$peers" | tr , '\n' | sed 's/:[0-9]*$//')
# A replica that was killed starts again with what it has stored.
# shellcheck disable=SC2086
[ -e "$genesis" ] || "$replica" test-genesis --log-level warn --working-directory "$genesis" --ips $ips

# The genesis numbers the metrics ports behind the peers' ports: this replica's becomes the one that Baleen gave it.
count=$(echo "$ips" | wc -l)
genesis_port=$((1500 + count + index))
config=$genesis/public-replica-config.yaml
sed -i "s/^\( *metrics_address: .*:\)$genesis_port\$/\1$metrics_port/" "$config"

printf 'load: %s\ntransaction_size: %s\ninitial_delay: 0s\n' "$node_rate" "$transaction_bytes" > "$home/load.yaml"
# A replica dials those before it, and after a failure only a second later. By then three of four replicas have made
# hundreds of rounds, and while the fourth catches up, each round that it leads waits a second for it. So those before it
# are waited for, two seconds at most: one may be down.
if command -v bash > /dev/null; then
  tries=200
  for peer in $(echo "$peers" | tr , '\n' | head -n "$index"); do
    until [ "$tries" -eq 0 ] || bash -c ': > "/dev/tcp/$0/$1"' "${peer%:*}" "${peer##*:}" 2> /dev/null; do
      tries=$((tries - 1))
      sleep 0.01
    done
  done
fi

private=$(grep -lx "authority: $index" "$genesis"/private-replica-config-*.yaml)
exec "$replica" run --log-level warn --authority "$index" --public-config-path "$config" \
  --private-config-path "$private" --load-generator-config-path "$home/load.yaml"
