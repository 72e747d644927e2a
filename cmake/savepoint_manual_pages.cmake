# Writes the manual pages of all commands: -DSAVEPOINT=<executable> -DPAGES=<directory>.
function(write_page)
  execute_process(COMMAND ${SAVEPOINT} ${ARGN} --help=man OUTPUT_VARIABLE page
                  COMMAND_ERROR_IS_FATAL ANY)
  list(JOIN ARGN "-" name)
  if(ARGN)
    string(PREPEND name "-")
  endif()
  file(WRITE ${PAGES}/savepoint${name}.1 "${page}")

  execute_process(COMMAND ${SAVEPOINT} ${ARGN} --help=words OUTPUT_VARIABLE words
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "(^|\n)command\t[^\t]+" commands "${words}")
  foreach(command IN LISTS commands)
    string(REGEX REPLACE "^\n?command\t" "" command "${command}")
    # `savepoint manifest list` is `savepoint list`, which has a page already.
    if(NOT EXISTS ${PAGES}/savepoint-${command}.1 OR NOT ARGN STREQUAL "manifest")
      write_page(${ARGN} ${command})
    endif()
  endforeach()
endfunction()

file(REMOVE_RECURSE ${PAGES})
write_page()
foreach(name git-savepoint savepoint-project)
  file(WRITE ${PAGES}/${name}.1 ".so man1/savepoint.1\n")
endforeach()
