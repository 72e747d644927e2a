# What fish completes behind `savepoint`. savepoint itself knows the words.
function __savepoint_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (savepoint completion words -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':directories'
                __fish_complete_directories "$current" ''
            case '*'
                echo $line
        end
    end
end
complete -c savepoint -f -k -a '(__savepoint_words)'
