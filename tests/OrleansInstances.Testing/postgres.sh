# A PostgreSQL server of one test process: made here, told what to do by lines on stdin, each answered by one on stdout.
# It ends with stdin, which the test process holds open and can't take along when it is killed.
trap '' INT TERM HUP
bin=$1 port=$2 fsync=$3

for place in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
    folder=$(mktemp -d "$place/oi-postgres-XXXXXX" 2>/dev/null) && break
done
[ -n "$folder" ] || { echo "no folder for temporary files can be written by $(id -un)"; exit 1; }

read -r password
printf '%s' "$password" > "$folder/password"
if "$bin/initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C --no-sync > "$folder/log" 2>&1 < /dev/null; then
    echo ok
else
    tr '\n' ' ' < "$folder/log"; echo
fi

while read -r verb mode; do
    case $verb in
    start) "$bin/pg_ctl" start -D "$folder/data" -l "$folder/log" -w -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=$fsync -c max_connections=300 -c shared_buffers=32MB" > "$folder/ctl" 2>&1 < /dev/null ;;
    *) "$bin/pg_ctl" stop -D "$folder/data" -m "$mode" -w > "$folder/ctl" 2>&1 < /dev/null ;;
    esac && echo ok || { cat "$folder/ctl" "$folder/log" | tail -n 20 | tr '\n' ' '; echo; }
done

"$bin/pg_ctl" stop -D "$folder/data" -m immediate -w > /dev/null 2>&1 < /dev/null
rm -rf "$folder"
