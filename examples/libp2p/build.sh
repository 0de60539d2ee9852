#!/bin/sh
# Builds libp2p-node once for these sources, into a cache, and links it here. Needs Go; an older one fetches the release
# that go.mod names by itself (from 1.21 on).
set -eu
cd "$(dirname "$0")"
key=$(cat go.mod go.sum main.go | sha256sum | cut -c1-16)
folder="${XDG_CACHE_HOME:-$HOME/.cache}/baleen/libp2p-$key"
if [ ! -x "$folder/libp2p-node" ]; then
  echo "Building libp2p-node, a minute or two …" >&2
  mkdir -p "$folder"
  CGO_ENABLED=0 go build -trimpath -o "$folder/libp2p-node.unfinished" .
  mv "$folder/libp2p-node.unfinished" "$folder/libp2p-node"
fi
ln -sf "$folder/libp2p-node" libp2p-node
