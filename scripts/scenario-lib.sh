# Shared by package-scenario and boot-scenario, which run inside throwaway systems and define `fail`.
# shellcheck shell=sh

# until_true SECONDS COMMAND...
until_true() {
  left=$(($1 * 10))
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || fail "waited in vain for: $*"
    sleep 0.1
  done
}

is() { [ "$1" = "$2" ] || fail "expected $2, there is $1"; }

# sequence_numbers: of the events on standard input.
sequence_numbers() { sed -n 's/.*"sequenceNumber":\([0-9]*\).*/\1/p'; }

# none_is_missing FILE: of sorted numbers, each there once.
none_is_missing() { is "$(($(tail -n 1 "$1") - $(head -n 1 "$1") + 1))" "$(wc -l <"$1")"; }
