#!/bin/sh
# ./dev cluster: silos on this machine until Ctrl-C. Usage: cluster.sh BUILD [NODES]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$1
nodes=${2:-3}
. "$root/eng/silos.sh"

case $nodes in *[!0-9]* | 0 | '') fail "How many nodes? \"$nodes\" is no number." ;; esac
! in_one_process || fail "A cluster needs the Orleans engine, which this build was made without: see docs/engines.md. ./dev demo shows three silos in one process."
address=${ASPNETCORE_URLS:-http://localhost:3000}
need_address "$address"

begin
start_postgres
start_silo 0 gateway "$address"
for number in $(seq "$nodes"); do start_silo "$number" node; done
for number in $(seq 0 "$nodes"); do ready "$number"; done
say "The gateway, which runs no instances: $address, silo $(silo_pid 0)"
for number in $(seq "$nodes"); do say "node-$number: silo $(silo_pid "$number")"; done
say "The key of all: $key"
say "Logs and data are in $folder. Ctrl-C ends all of it and removes them."

while sleep 1; do
    for silo in "$folder"/node-*.pid; do
        if ! kill -0 "$(cat "$silo")" 2>/dev/null; then
            say "The silo of $(basename "$silo" .pid) has ended."
            rm "$silo"
        fi
    done
done
