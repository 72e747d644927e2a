#compdef savepoint
# What zsh completes behind `savepoint`. savepoint itself knows the words.
local word help
local -a names texts
while IFS=$'\t' read -r word help; do
  case $word in
    :files) _files; return ;;
    :directories) _files -/; return ;;
    *) names+=("$word"); texts+=("$word${help:+  -- $help}") ;;
  esac
done < <("${(Q)words[1]}" completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
(( $#names )) && compadd -l -V savepoint -d texts -a names
