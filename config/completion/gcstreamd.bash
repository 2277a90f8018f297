# bash completion for gcstreamd(8)                            -*- shell-script -*-

# The first word of COMP_WORDS that is a subcommand.
_gcstreamd_command() {
  local word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      run | check | status | position | verify) printf '%s' "$word" && return ;;
    esac
  done
}

# The streams' names of the configuration in use, comments and all.
_gcstreamd_streams() {
  local file=/etc/gcstreamd/gcstreamd.json i
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} != --config ]] || file=${COMP_WORDS[i + 1]}
  done
  sed -nE 's/^.*"name"[[:space:]]*:[[:space:]]*"([a-z0-9-]+)".*$/\1/p' "$file" 2>/dev/null
}

_gcstreamd() {
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  case $previous in
    --config | --public-key)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --stream)
      mapfile -t COMPREPLY < <(compgen -W "$(_gcstreamd_streams)" -- "$cur")
      return
      ;;
    --set) return ;;
  esac
  case $(_gcstreamd_command) in
    run) words='--config --set --help' ;;
    check) words='--online --config --set --help' ;;
    status) words='--json --watch --config --set --help' ;;
    position) words='show set tip --stream --config --set --help' ;;
    verify)
      words='--public-key --help'
      if [[ $cur != -* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
      fi
      ;;
    *) words='run check status position verify --help --version' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _gcstreamd gcstreamd
