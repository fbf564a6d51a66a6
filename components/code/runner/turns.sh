# One registration a job, and nothing left of a job when the next one begins.
#
# Where it starts as root it alone can read the registration's token: the daemon and its jobs are `nobody`, whom no
# program of the container can make anybody else. Elsewhere all are one user, and only the rest holds.
set -u
config=$1 data=$2 runner=$3 url=$4
umask 077
root=
[ "$(id -u)" != 0 ] || root=yes

# In the place of the shell that calls it, so that a signal to that one is a signal to the work.
work() {
  if [ "$root" ]; then exec su -s /bin/sh nobody -c "$1"; else exec /bin/sh -c "$1"; fi
}

if ! (work true); then
  echo "nobody can be become here: the image has no su, or may not use it" >&2
  exit 1
fi

# Processes, files, shared memory. As the first process of a container it can end all others, and nobody else's.
clear() {
  [ $$ != 1 ] || kill -9 -1 2> /dev/null
  for folder in "$data" /tmp /dev/shm; do
    chmod -R u+rwX "$folder" 2> /dev/null
    find "$folder" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
  done
  for kind in shm:m sem:s msg:q; do
    tail -n +2 "/proc/sysvipc/${kind%:*}" 2> /dev/null | while read -r _ id _; do
      ipcrm "-${kind#*:}" "$id" 2> /dev/null
    done
  done
  # An empty volume would be filled by the engine with what the image has at its place.
  : > "$data/.devflow"
  mkdir "$data/tmp" "$data/work"
  cp "$config/config.yaml" "$data/config.yaml"
}

register() {
  "$runner" register --no-interactive --ephemeral --config "$data/config.yaml" \
    --instance "$url" --token "$(cat "$config/token")" --name "$(hostname)" || return 1
  [ -z "$root" ] || chown -R nobody "$data"
}

stopping= child=
trap 'stopping=yes; [ -z "$child" ] || kill -TERM "$child" 2> /dev/null' TERM INT

while [ -z "$stopping" ]; do
  clear || exit 1
  if register; then
    # A fork bomb ends here and not with the machine's table of processes. Shells name this limit differently.
    (
      ulimit -p 2048 2> /dev/null || ulimit -u 2048 2> /dev/null
      work "cd '$data' && HOME='$data' TMPDIR='$data/tmp' exec '$runner' daemon --config '$data/config.yaml'"
    ) &
    child=$!
    while kill -0 "$child" 2> /dev/null; do wait "$child"; result=$?; done
    child=
  else
    result=1
  fi
  # Gitea is away, or the daemon: not at once again.
  [ "${result:-0}" = 0 ] || [ "$stopping" ] || { sleep 5 & wait $!; }
done
clear
