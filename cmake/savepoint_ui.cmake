# Whether the page of `savepoint ui` is built: that needs cpp-httplib, and node and npm, which fetch
# what it is bundled of. SAVEPOINT_UI_PARTS says ON or OFF.
set(SAVEPOINT_UI AUTO CACHE STRING "The page of 'savepoint ui': AUTO, ON or OFF")
set_property(CACHE SAVEPOINT_UI PROPERTY STRINGS AUTO ON OFF)

set(SAVEPOINT_UI_PARTS OFF)
set(savepoint_page_source ${PROJECT_SOURCE_DIR}/tools/ui/page)
set(savepoint_page_build ${PROJECT_BINARY_DIR}/ui)

# Fetches the packages of the lock file, unless they are there: once for each lock file.
function(savepoint_fetch_page_packages result)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
               ${savepoint_page_source}/package-lock.json)
  file(SHA256 ${savepoint_page_source}/package-lock.json lock)
  set(stamp ${savepoint_page_build}/packages)
  set(fetched "")
  if(EXISTS ${stamp})
    file(READ ${stamp} fetched)
  endif()
  if(NOT fetched STREQUAL lock)
    message(STATUS "Fetching the packages of the page from npm")
    file(COPY ${savepoint_page_source}/package.json ${savepoint_page_source}/package-lock.json
         DESTINATION ${savepoint_page_build})
    execute_process(COMMAND ${SAVEPOINT_NPM} ci --ignore-scripts --no-audit --no-fund
                    WORKING_DIRECTORY ${savepoint_page_build}
                    RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said TIMEOUT 300)
    if(NOT code EQUAL 0)
      set(${result} "npm cannot fetch its packages: ${said}" PARENT_SCOPE)
      return()
    endif()
    file(WRITE ${stamp} ${lock})
  endif()
  set(${result} "" PARENT_SCOPE)
endfunction()

if(NOT SAVEPOINT_UI STREQUAL OFF)
  # Its structures depend on what it was built with, which only its package knows.
  pkg_check_modules(httplib IMPORTED_TARGET cpp-httplib>=0.11)
  find_program(SAVEPOINT_NODE NAMES node nodejs)
  find_program(SAVEPOINT_NPM npm)
  set(missing "")
  if(NOT httplib_FOUND)
    string(APPEND missing " cpp-httplib")
  endif()
  if(NOT SAVEPOINT_NODE OR NOT SAVEPOINT_NPM)
    string(APPEND missing " node and npm")
  endif()
  if(missing)
    set(trouble "these are missing:${missing}")
  else()
    savepoint_fetch_page_packages(trouble)
  endif()
  if(NOT trouble STREQUAL "" AND SAVEPOINT_UI STREQUAL ON)
    message(FATAL_ERROR "The page of 'savepoint ui' cannot be built: ${trouble}")
  elseif(NOT trouble STREQUAL "")
    message(NOTICE "Without the page of 'savepoint ui': ${trouble}")
  else()
    set(SAVEPOINT_UI_PARTS ON)
  endif()
endif()

# Bundles the page and compiles it into `target`.
function(savepoint_add_page target)
  set(assets ${savepoint_page_build}/assets.cpp)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${savepoint_page_source}/*.mjs
       ${savepoint_page_source}/src/*)
  add_custom_command(OUTPUT ${assets}
    COMMAND ${SAVEPOINT_NODE} ${savepoint_page_source}/build.mjs ${savepoint_page_source}
            ${savepoint_page_build} ${assets}
    DEPENDS ${sources} ${savepoint_page_build}/packages VERBATIM)
  # The script of the page is one literal, longer than every compiler has to take.
  set_source_files_properties(${assets} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  target_sources(${target} PRIVATE ${assets})
endfunction()
