#!/bin/sh
# ./dev demo: three silos, processes that print, and one silo killed. What it says at the end is counted in /proc and in the
# files of the nodes, not asked of the cluster. Usage: demo.sh BUILD [INSTANCES]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$1
instances=${2:-20}
asked=1
. "$root/eng/silos.sh"

# Prints numbered lines with its epoch, and notes for itself what it has printed.
# shellcheck disable=SC2016
printing='i=0; while :; do i=$((i+1)); echo "$OI_EPOCH $i"; echo $i >>printed.$OI_EPOCH; sleep 0.2; done'

api() {
    path=$1
    shift
    curl -sS -m 40 -H "X-API-Key: $key" -H "Content-Type: application/json" "$(url $asked)/api/instances$path" "$@"
}

# Of each instance, as the cluster says: id, node, epoch, state.
list() {
    { api "" && echo; } | sed 's/},{"id"/}\n{"id"/g' |
        sed -n 's/.*"uuid":"\([^"]*\)".*"node":"*\([^",]*\)"*,"epoch":\([0-9]*\),"state":"\([^"]*\)".*/\1 \2 \3 \4/p'
}

# Of each process of an instance: the instance's id, and the process that its keeper started. Both of two that are listed were alive at once.
processes() {
    {
        cat /proc/[0-9]*/stat 2>/dev/null | sed 's/(.*)//'
        grep -azHs '^OI_INSTANCE_ID=' /proc/[0-9]*/environ | tr '\0' '\n'
    } | awk '
        NF > 5 && $2 != "Z" { session[$1] = $5 }
        /^\/proc\/.*:OI_INSTANCE_ID=/ { split($0, part, "[/:=]"); if (part[3] in session) print part[6], session[part[3]] }' |
        grep -F -f "$folder/made" | sort -u
}

# Looks for second copies until it is told to end.
count_copies() {
    while [ -e "$folder/counting" ]; do
        processes | cut -d ' ' -f 1 | uniq -d >>"$folder/second"
        echo >>"$folder/looks"
        sleep 0.1
    done
}

# Of each instance on each node: bytes of lines that it has noted and that are not on disk, or are there broken, twice or late; and how many lines are there.
compare() {
    for files in "$folder"/node-*/instances/*/files; do
        set -- "$files"/printed.*
        [ -e "$1" ] || continue
        cat "${files%/files}"/console/*.log 2>/dev/null | awk '
            function miss(epoch, upto, i) { for (i = read[epoch] + 1; i <= upto; i++) wrong += length(epoch " " i) + 1 }
            FILENAME ~ /printed\.[0-9]+$/ { epoch = FILENAME; sub(/.*\./, "", epoch); last[epoch] = $1; next }
            /^[0-9]+ [0-9]+$/ && $2 > read[$1] { lines++; miss($1, $2 - 1); read[$1] = $2; next }
            { wrong += length($0) + 1 }
            END { for (epoch in last) miss(epoch, last[epoch]); print wrong + 0, lines + 0 }' "$@" -
    done
}

# Every start that the cluster has told of, as instance/files/printed.EPOCH.
starts() {
    cat "$folder"/list-* | awk '$3 > 0 { gsub("-", "", $1); print $1 "/files/printed." $3 }' | sort -u
}

# Every start that left its mark on a disk, once for each node.
marks() { (cd "$folder" && ls -d node-*/instances/*/files/printed.*) | sed 's|node-[0-9]*/instances/||' | sort; }

# What the cluster said last, and which processes there are.
show() {
    processes >"$folder/processes"
    cp "$folder/listed" "$folder/list-$1"
    awk '
        FILENAME ~ /processes$/ { pids[$1] = pids[$1] " " $2; next }
        { there[$2 "  " $4 ", epoch " $3 ", processes"] = there[$2 "  " $4 ", epoch " $3 ", processes"] pids[$1] }
        END { for (what in there) print "          " what there[what] }' "$folder/processes" "$folder/list-$1" | sort
}

elapsed() { echo $((($(date +%s%N) - began) / 1000000)) ms; }

# await WHAT STATE [IDS [NODE]]: until all instances, or those of the file IDS, have a state, and are not on a node.
await() {
    deadline=$(($(date +%s) + 120))
    until list >"$folder/listed" 2>/dev/null &&
        [ "$(grep -F -f "${3:-$folder/made}" "$folder/listed" | awk -v state="$2" -v node="${4-}" '$4 == state && $2 != node' | wc -l)" = "$(wc -l <"${3:-$folder/made}")" ]; do
        [ "$(date +%s)" -lt $deadline ] || { cat "$folder/listed" >&2; tail -n 30 "$folder"/*.log >&2; fail "Waited 120 s in vain: $1."; }
        sleep 0.2
    done
    say "$1 ($(elapsed))"
}

begin
export OI_LEASE_SECONDS=6 OI_FENCE_MARGIN_SECONDS=1
if in_one_process; then
    say "The embedded engine: three silos in one process, each with a node and a keeper of its own; and PostgreSQL."
else
    say "Microsoft Orleans: three silos as processes of their own, each with a node and its keeper; and PostgreSQL."
fi
say "A lease is 6 s here, so that you need not wait for the 30 s of production."
start_postgres
for number in 1 2 3; do start_silo $number gateway,node; done
for number in 1 2 3; do ready $number; done
for number in 1 2 3; do say "node-$number: silo $(silo_pid $number), $(url $number)"; done

began=$(date +%s%N)
touch "$folder/made" "$folder/moving"
for number in $(seq "$instances"); do
    loss='move' node=null
    [ $((number % 2)) = 0 ] || { loss='wait'; node="\"node-$((number / 2 % 3 + 1))\""; }
    body=$(printf '{"command":["/bin/sh","-c","%s"],"on_node_loss":"%s","node":%s}' "$(echo "$printing" | sed 's/"/\\"/g')" $loss "$node")
    until id=$(api "" -H "Idempotency-Key: $number" -d "$body" | sed -n 's/.*"uuid":"\([^"]*\)".*/\1/p') && [ -n "$id" ]; do
        [ $(($(date +%s) - began / 1000000000)) -lt 120 ] || fail "The cluster makes no instance."
        sleep 1
    done
    echo "$id" >>"$folder/made"
    [ $loss = wait ] || echo "$id" >>"$folder/moving"
done
await "$instances instances print numbered lines; half of them may move" running
show before
cp "$folder/processes" "$folder/processes-before"
touch "$folder/second" "$folder/looks" "$folder/counting"
count_copies 8>&- 9>&- &
counting=$!

# That with most to move.
lost=$(grep -F -f "$folder/moving" "$folder/list-before" | cut -d ' ' -f 2 | sort | uniq -c | sort -rn | sed -n '1s/.*node-//p')
[ "$lost" != 1 ] || asked=2
grep -F -f "$folder/moving" "$folder/list-before" | awk -v node="node-$lost" '$2 == node { print $1 }' >"$folder/moving-there"
grep -v -F -f "$folder/moving" "$folder/list-before" | awk -v node="node-$lost" '$2 == node { print $1 }' >"$folder/waiting-there"
sleep 3

if in_one_process; then
    say "The silo of node-$lost is dropped where it stands. Its keeper and processes live on: $(wc -l <"$folder/moving-there") may move, $(wc -l <"$folder/waiting-there") wait for it."
else
    say "kill -9 $(silo_pid "$lost"), the silo of node-$lost. Its keeper and processes live on: $(wc -l <"$folder/moving-there") may move, $(wc -l <"$folder/waiting-there") wait for it."
fi
began=$(date +%s%N)
kill_silo "$lost"
while read -r id; do
    until api "/$id" -f -m 5 -o /dev/null 2>/dev/null; do
        [ $((($(date +%s%N) - began) / 1000000000)) -lt 120 ] || fail "Instance $id does not answer."
    done
done <"$folder/made"
say "every instance answers, through node-$asked ($(elapsed))"
await "node-$lost is fenced: what may move runs elsewhere" running "$folder/moving-there" "node-$lost"
await "what waits is lost to the cluster, and runs on" lost "$folder/waiting-there"
show lost

began=$(date +%s%N)
start_silo "$lost" gateway,node
ready "$lost"
say "node-$lost has a silo again ($(elapsed))"
await "what waited is found" running
show after
grep -v -F -f "$folder/moving" "$folder/processes-before" >"$folder/waiting-before"
grep -v -F -f "$folder/moving" "$folder/processes" >"$folder/waiting-after"

began=$(date +%s%N)
while read -r id; do api "/$id/stop" -X POST -o /dev/null || true; done <"$folder/made"
await "all are stopped" stopped
rm "$folder/counting"
wait $counting || true

looks=$(wc -l <"$folder/looks")
starts >"$folder/starts"
marks >"$folder/marks"
second=$({ cat "$folder/second"; uniq -d "$folder/marks"; } | sort -u | wc -l)
compare >"$folder/compared"
bytes=$(awk '{ sum += $1 } END { print sum }' "$folder/compared")
say "$second second copies, $bytes bytes lost: $looks looks at all processes, $(awk '{ sum += $2 } END { print sum }' "$folder/compared") lines of $(wc -l <"$folder/marks") starts"

[ "$looks" -gt 10 ] || fail "Only $looks looks."
cmp -s "$folder/waiting-before" "$folder/waiting-after" || fail "What waits did not keep its processes."
[ -z "$(comm -23 "$folder/starts" "$folder/marks")" ] || fail "There is no output of $(comm -23 "$folder/starts" "$folder/marks")."
[ "$second" = 0 ] && [ "$bytes" = 0 ]
