# shellcheck shell=bash
# Shared by the scripts of this folder. Sourced, not run.
# What a caller sees: $root (top of the source tree), $logs, and the functions below.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
logs=$root/build/logs
program=scripts/$(basename "$0")

# What the build needs on Debian 12.
# shellcheck disable=SC2034  # read by the callers
build_packages=(g++ cmake ninja-build ccache libboost1.81-dev libboost-url1.81-dev libssl-dev
  nlohmann-json3-dev libspdlog-dev libfmt-dev libcli11-dev libsimdjson-dev
  libzstd-dev zlib1g-dev ca-certificates)

die() {
  printf '%s: %s\n' "$program" "$*" >&2
  exit 1
}

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root to run: $*  (no sudo here; run that as root, then try again)"
  fi
}

# run_logged NAME COMMAND...: keeps the output in $logs/NAME.log; on failure shows its end and exits.
# `set -e` does not reach into a COMMAND that is a function here: join its lines by &&. What it changes of the
# shell, such as the directory, ends with it.
run_logged() {
  local name=$1 log=$logs/$1.log status=0
  shift
  mkdir -p "$logs"
  ("$@") >"$log" 2>&1 </dev/null || status=$?
  ((status == 0)) && return
  printf 'FAILED\n\n'
  tail -n 60 "$log"
  printf '\n%s: step "%s" failed (exit %d); the whole log is in %s\n' \
    "$program" "$name" "$status" "$log" >&2
  exit 1
}

# step NAME COMMAND...: run_logged, and one line that says how it went.
step() {
  local start=$SECONDS
  printf '%-14s ' "$1"
  run_logged "$@"
  printf 'ok  %4d s\n' $((SECONDS - start))
}

missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      printf '%s\n' "$package"
  done
}

# install_packages PACKAGE...: by apt, only what is missing.
install_packages() {
  command -v dpkg-query >/dev/null ||
    die "this is not Debian; install what corresponds to: $*"
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  printf 'Installing %d Debian packages: %s\n' "${#missing[@]}" "${missing[*]}"
  # sudo may ask for a password, so before its output goes to a log.
  [[ $EUID -eq 0 ]] || as_root true
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  step install install_by_apt "${missing[@]}"
}

install_by_apt() {
  as_root "${apt[@]}" update && as_root "${apt[@]}" install -y --no-install-recommends "$@"
}

# Prometheus' server and rule tester into build/tools: the package, installed, would start a server on this host.
fetch_promtool() {
  local tools=$root/build/tools
  [[ ! -x $tools/usr/bin/promtool ]] || return 0
  mkdir -p "$tools" && cd "$tools" && rm -f prometheus_*.deb &&
    { apt-get -qq download prometheus || { as_root apt-get -qq update && apt-get -qq download prometheus; }; } &&
    dpkg -x prometheus_*.deb . && rm prometheus_*.deb
}

# configure PRESET [OPTION...]: afresh when the build directory was made for another source tree.
configure() {
  local preset=$1 cache=$root/build/$1/CMakeCache.txt
  shift
  local options=("$@")
  if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
    options+=(--fresh)
  fi
  cmake --preset "$preset" "${options[@]}"
}
