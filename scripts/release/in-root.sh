#!/bin/sh
# Runs an executable inside another root folder, such as an unpacked Alpine: in-root.sh ROOT FILE [FLAGS…]
# Needs Linux and the right to chroot. The mount of /proc, without which Bun does not start, is gone
# with the process.
set -eu
root=$1
file=$2
shift 2
mkdir -p "$root/proc" "$root/dev"
[ -e "$root/dev/null" ] || mknod -m 666 "$root/dev/null" c 1 3
cp "$file" "$root/midge"
# shellcheck disable=SC2016 # The inner shell expands them.
exec unshare --mount --propagation private sh -c '
  root=$1
  shift
  mount -t proc proc "$root/proc"
  exec chroot "$root" /midge "$@"
' sh "$root" "$@"
