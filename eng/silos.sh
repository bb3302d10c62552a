# Silos on this machine, for ./dev cluster and ./dev demo: PostgreSQL, silos, and their keepers and instances, all of which ends
# and is removed with the script that sources this, whatever ends that but SIGKILL. It has set root, and build: a build's folder.
# shellcheck shell=sh
: "${root:?}" "${build:?}"

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }

fail() {
    echo "dev: $*" >&2
    exit 1
}

# Where the engine is a single process, the silos are all in one: tests/OrleansInstances.Simulation.
in_one_process() { [ -e "$build/OrleansInstances.EmbeddedEngine.dll" ]; }

begin() {
    umask 077
    postgres=
    port=$((20000 + $$ % 500 * 20))
    folder=$root/artifacts/cluster-$$
    key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    trap end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP PIPE
    mkdir -p "$folder"
    # What a silo is told here it is not told from outside.
    unset OI_DATA OI_NODE OI_ROLES OI_ADVERTISE OI_SILO_PORT OI_GATEWAY_PORT
    export OI_API_KEY="$key" OI_CLUSTER_ID=dev
}

# The socket that listens on a port, if there is one.
listener() { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && index($2, port) { print $10; exit }'; }

# Sets port to the next one that nothing listens on.
next_port() {
    port=$((port + 1))
    while [ -n "$(listener "$port")" ]; do port=$((port + 1)); done
}

# Says who is in the way when an address is taken.
need_address() {
    number=${1##*:}
    number=${number%%[!0-9]*}
    socket=$(listener "${number:-80}")
    [ -n "$socket" ] || return 0
    pid=$(find /proc/[0-9]*/fd -lname "socket:\[$socket\]" 2>/dev/null | head -n 1 | cut -d / -f 3)
    who=${pid:+", by process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/ $//')"}
    fail "$1 is taken$who. End that, or name another address: ASPNETCORE_URLS=http://localhost:3100 ./dev cluster"
}

# The tests' script keeps the server in a folder of its own, and ends it when descriptor 9 is closed.
start_postgres() {
    initdb=$(command -v initdb) || initdb=$(find /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
    next_port
    OI_POSTGRES="Host=127.0.0.1;Port=$port;Database=postgres;Username=postgres;Password=$key"
    export OI_POSTGRES
    set -- /bin/sh -c "$(cat "$root/tests/OrleansInstances.Testing/postgres.sh")" postgres.sh "$(dirname "$initdb")" "$port" off
    # initdb refuses root.
    [ "$(id -u)" != 0 ] || set -- setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
    mkfifo "$folder/postgres.in"
    touch "$folder/postgres.out"
    (cd / && exec "$@") <"$folder/postgres.in" >"$folder/postgres.out" &
    postgres=$!
    exec 9>"$folder/postgres.in"
    printf '%s\nstart\n' "$key" >&9
    until [ "$(wc -l <"$folder/postgres.out")" -ge 2 ] || ! kill -0 "$postgres" 2>/dev/null; do sleep 0.1; done
    [ "$(tr -d '\n' <"$folder/postgres.out")" = okok ] || fail "PostgreSQL did not start: $(cat "$folder/postgres.out")"
    # For what a killed runtime leaves; the server's user can't write there.
    export TMPDIR="$folder"
}

# start_silo NUMBER ROLES [ADDRESS]: again at the same address, when it was there before.
start_silo() {
    [ -e "$folder/node-$1.url" ] || { next_port; echo "${3:-http://localhost:$port}" >"$folder/node-$1.url"; }
    if in_one_process; then
        [ -e "$folder/silos.in" ] || start_process
        cp "$folder/process.pid" "$folder/node-$1.pid"
        printf 'start\tnode-%s\t--OI:NODE=node-%s\t--OI:DATA=%s\t--urls=%s\n' "$1" "$1" "$folder/node-$1" "$(url "$1")" >&8
    else
        next_port
        silo_port=$port
        next_port
        OI_NODE="node-$1" OI_DATA="$folder/node-$1" OI_ROLES="$2" OI_SILO_PORT="$silo_port" OI_GATEWAY_PORT="$port" ASPNETCORE_URLS="$(url "$1")" \
            dotnet "$build/OrleansInstances.Gateway.dll" >>"$folder/node-$1.log" 2>&1 9>&- &
        echo $! >"$folder/node-$1.pid"
    fi
}

# The one that has all silos. It is told what to do on descriptor 8.
start_process() {
    mkfifo "$folder/silos.in"
    dotnet "$build/OrleansInstances.Simulation.dll" <"$folder/silos.in" >>"$folder/silos.log" 2>&1 9>&- &
    echo $! >"$folder/process.pid"
    exec 8>"$folder/silos.in"
}

url() { cat "$folder/node-$1.url"; }

silo_pid() { cat "$folder/node-$1.pid"; }

# Leaves it no time to do anything.
kill_silo() {
    if in_one_process; then
        printf 'kill\tnode-%s\n' "$1" >&8
    else
        kill -9 "$(silo_pid "$1")"
    fi
}

ready() {
    since=$(date +%s)
    until curl -sf -m 5 -o /dev/null "$(url "$1")/health/ready"; do
        if ! kill -0 "$(silo_pid "$1")" 2>/dev/null || [ $(($(date +%s) - since)) -gt 120 ]; then
            tail -n 50 "$folder"/*.log >&2
            fail "The silo of node-$1 did not start."
        fi
        sleep 0.1
    done
}

# Keepers that run here or are being started; what they keep ends with them.
keepers() { grep -qs "[c]luster-$$/node-" /proc/[0-9]*/cmdline; }

end() {
    trap '' INT TERM HUP PIPE
    set +e
    say "Ending all of it."
    jobs -p >"$folder/jobs"
    while read -r job; do [ "$job" = "$postgres" ] || kill -KILL "$job" 2>/dev/null; done <"$folder/jobs"
    exec 8>&- 9>&-
    tries=0
    while keepers && [ $tries -lt 100 ]; do
        for data in "$folder"/node-*/; do
            dotnet "$build/OrleansInstances.Keeper.dll" --data "${data%/}" --stop-all --timeout-seconds 0 >/dev/null 2>&1
        done
        tries=$((tries + 1))
        sleep 0.1
    done
    kill "$postgres" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$folder"
}
