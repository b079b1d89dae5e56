#!/bin/sh
# Installs the midge executable of a release: from a folder, or from an address of your own choice.
# The file has to be the one that SHA256SUMS beside it names, or nothing is installed.
# shellcheck disable=SC2310 # Functions in conditions end the script themselves.
set -eu

usage() {
  cat <<'USAGE'
Usage: install.sh --from FOLDER|URL [options]

    --from FOLDER|URL    Where the release's files and SHA256SUMS are
    --prefix FOLDER      Install PREFIX/bin/midge (default: /usr/local)
    --version VERSION    Which one, where SHA256SUMS names several
    --target TARGET      For another system than this, such as linux-arm64-musl
    --sums SHA256        What SHA256SUMS itself must have, if you know it from elsewhere
    --help               Show this page
USAGE
}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

main() {
  from='' prefix=/usr/local version='' target='' sums=''
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h)
        usage
        exit 0
        ;;
      --from | --prefix | --version | --target | --sums)
        [ $# -ge 2 ] || fail "$1 needs a value"
        [ -n "$2" ] || fail "$1 is empty"
        case $1 in
          --from) from=$2 ;;
          --prefix) prefix=$2 ;;
          --version) version=${2#v} ;;
          --target) target=$2 ;;
          --sums) sums=$2 ;;
        esac
        shift 2
        ;;
      *) fail "unknown option $1; --help shows the known ones" ;;
    esac
  done
  [ -n "$from" ] || fail "say where the release is: --from FOLDER or --from URL"
  require_safe "$from"

  # On another system it can't be asked for its version.
  foreign=${target:+yes}
  [ -n "$target" ] || target=$(target_of_this_system)
  bin=$prefix/bin
  mkdir -p "$bin" || fail "cannot create $bin"
  # Beside its place, so that it gets there in one step.
  work=$(mktemp -d "$bin/.midge-XXXXXX") || fail "cannot write to $bin"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM

  fetch SHA256SUMS "$work/SHA256SUMS"
  [ -z "$sums" ] || check "$work/SHA256SUMS" "$sums" SHA256SUMS
  line=$(line_of "$work/SHA256SUMS") || exit 1
  name=${line#*  }
  fetch "$name" "$work/midge"
  check "$work/midge" "${line%%  *}" "$name"
  chmod 755 "$work/midge"
  if [ -z "$foreign" ]; then
    hint=''
    case $target in *-musl) hint=' (it needs musl 1.2.4 and libstdc++; on Alpine 3.18: apk add libstdc++)' ;; esac
    said=$("$work/midge" -v 2>&1) || fail "$name does not run on this system$hint: $said"
  else
    said="$name, not run"
  fi
  place=$bin/midge
  case $name in *.exe) place=$bin/midge.exe ;; esac
  [ ! -d "$place" ] || fail "$place is a folder"
  mv -f "$work/midge" "$place"
  printf '%s: %s\n' "$place" "$said"
}

# Whoever can change the file on its way can change SHA256SUMS, too.
require_safe() {
  case $1 in
    # A name and a password in it could pass for the host.
    *://*@*) fail "no user in an address: $1" ;;
    https://* | http://127.0.0.1[:/]* | http://localhost[:/]* | http://\[::1\][:/]*) ;;
    *://*) fail "only https:// addresses and folders, not $1" ;;
    *) [ -d "$1" ] || fail "no such folder: $1" ;;
  esac
}

target_of_this_system() {
  case $(uname -m) in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "no release for the processor $(uname -m)" ;;
  esac
  case $(uname -s) in
    Linux)
      # Where both are, glibc is what the rest of the system uses.
      libc=
      if ! has_glibc && has_musl; then libc=-musl; fi
      echo "linux-$arch$libc"
      ;;
    Darwin) echo "macos-$arch" ;;
    MINGW* | MSYS* | CYGWIN*) echo "windows-$arch" ;;
    *) fail "no release for $(uname -s)" ;;
  esac
}

has_glibc() {
  [ -e /lib64/ld-linux-x86-64.so.2 ] || [ -e /lib/ld-linux-aarch64.so.1 ]
}

has_musl() {
  for loader in /lib/ld-musl-*.so.1; do
    [ -e "$loader" ] && return 0
  done
  return 1
}

# The one line for this target: DIGEST  midge-VERSION-TARGET[.exe]
line_of() {
  found=$(awk -v start="midge-$version" -v end="-$target" '
    { sub(/^\*/, "", $2) }
    NF == 2 && length($1) == 64 && $1 !~ /[^0-9a-f]/ && $2 ~ /^midge-[0-9][0-9A-Za-z.+-]*$/ {
      name = $2
      sub(/\.exe$/, "", name)
      rest = length(name) - length(end)
      if (rest < 1 || substr(name, rest + 1) != end) next
      kept = substr(name, 1, rest)
      if (start == "midge-" || kept == start) print $1 "  " $2
    }' "$1")
  [ -n "$found" ] || fail "SHA256SUMS of $from has no midge${version:+ $version} for $target"
  case $found in
    *"
"*) fail "SHA256SUMS of $from has several for $target: choose with --version" ;;
  esac
  printf '%s\n' "$found"
}

fetch() {
  case $from in
    *://*)
      if command -v curl >/dev/null 2>&1; then
        # Not from https to what is less safe.
        case $from in https:*) only='=https' ;; *) only='=http' ;; esac
        # From this machine nobody is sent elsewhere.
        case $from in https:*) moves=--location ;; *) moves=--no-location ;; esac
        curl --fail --silent --show-error "$moves" --proto "$only" --proto-redir '=https' \
          --output "$2" "${from%/}/$1" || fail "cannot fetch $1 from $from"
      elif command -v wget >/dev/null 2>&1 && wget --help 2>&1 | grep -q -- --max-redirect; then
        wget -q --max-redirect=0 -O "$2" "${from%/}/$1" || fail "cannot fetch $1 from $from"
      else
        fail "needs curl, or GNU wget, to fetch from $from"
      fi
      ;;
    *)
      [ -f "$from/$1" ] || fail "$from has no $1"
      cp "$from/$1" "$2" || fail "cannot read $from/$1"
      ;;
  esac
}

# FILE EXPECTED NAME
check() {
  found=$(digest_of "$1") || exit 1
  [ "$found" = "$2" ] || fail "$3 is not what it should be: expected SHA-256 $2, found $found"
}

digest_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    digest=$(sha256sum <"$1")
  elif command -v shasum >/dev/null 2>&1; then
    digest=$(shasum -a 256 <"$1")
  else
    fail "needs sha256sum or shasum to check what it installs"
  fi
  printf '%s\n' "${digest%% *}"
}

main "$@"
