# What bash completes behind `savepoint`. savepoint itself knows the words.
_savepoint() {
  local line=${COMP_LINE:0:COMP_POINT} current word mark behind
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=${words[${#words[@]} - 1]}
  # Of a word bash replaces only what stands behind the last of these marks.
  behind=$current
  for mark in = :; do
    [[ $COMP_WORDBREAKS == *"$mark"* ]] && behind=${behind##*"$mark"}
  done
  compopt -o nosort 2>/dev/null
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    case $word in
      :files) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$behind") ;;
      :directories) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -d -- "$behind") ;;
      *) COMPREPLY+=("${word#"${current%"$behind"}"}") ;;
    esac
  done < <("$1" completion words -- "${words[@]:1}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -F _savepoint savepoint
