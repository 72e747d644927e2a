# Run by cpack on the tree that goes into a package. Debian wants pages compressed, its own copyright
# file and changelog, and completions of zsh elsewhere; the archive stays as `cmake --install` has it.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(usr ${CPACK_TEMPORARY_DIRECTORY}/usr)
set(doc ${usr}/share/doc/savepoint)
set(packages ${CPACK_PROJECT_SOURCE_DIRECTORY}/cmake/packages)

file(MAKE_DIRECTORY ${usr}/share/zsh/vendor-completions)
file(RENAME ${usr}/share/zsh/site-functions/_savepoint
     ${usr}/share/zsh/vendor-completions/_savepoint)
file(REMOVE_RECURSE ${usr}/share/zsh/site-functions)

# The terms, and those of libraries that are compiled in.
file(READ ${doc}/LICENSE license)
file(REMOVE ${doc}/LICENSE)
string(REGEX REPLACE "^.*\n\n(Permission is)" "\\1" license "${license}")
string(STRIP "${license}" license)
string(REPLACE "\n\n" "\n.\n" license "${license}")
string(REPLACE "\n" "\n " license "${license}")
file(READ ${packages}/copyright copyright)
string(REPLACE "@LICENSE@" " ${license}" copyright "${copyright}")
file(WRITE ${doc}/copyright "${copyright}")
file(MAKE_DIRECTORY ${doc}/licences)
set(libraries libcli11-dev libfmt-dev nlohmann-json3-dev libstdc++6)
if(EXISTS /usr/share/doc/libcpp-httplib-dev) # else it was built without the page
  list(APPEND libraries libcpp-httplib-dev)
endif()
foreach(library IN LISTS libraries)
  file(COPY_FILE /usr/share/doc/${library}/copyright ${doc}/licences/${library})
endforeach()

# What the pages refer to as their neighbour.
file(CREATE_LINK ../../savepoint/templates ${doc}/templates SYMBOLIC)

# The time of the last commit: the same sources give the same package.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(seconds $ENV{SOURCE_DATE_EPOCH})
else()
  execute_process(COMMAND git -C ${CPACK_PROJECT_SOURCE_DIRECTORY} log -1 --format=%ct
                  OUTPUT_VARIABLE seconds OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT seconds)
  set(seconds 0)
endif()
execute_process(COMMAND date -u -R -d @${seconds} OUTPUT_VARIABLE time OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${doc}/changelog "savepoint (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * What has changed for users is in /usr/share/doc/savepoint/CHANGELOG.md.

 -- ${CPACK_PACKAGE_CONTACT}  ${time}
")
file(GLOB pages ${usr}/share/man/man1/*.1)
execute_process(COMMAND gzip -9n ${pages} ${doc}/changelog COMMAND_ERROR_IS_FATAL ANY)

file(COPY ${packages}/savepoint.lintian-overrides DESTINATION ${usr}/share/lintian/overrides)
file(RENAME ${usr}/share/lintian/overrides/savepoint.lintian-overrides
     ${usr}/share/lintian/overrides/savepoint)
