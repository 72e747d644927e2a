# The shared library with the public C++ API, and what `cmake --install` installs.
include(CMakePackageConfigHelpers)

add_library(savepoint SHARED ${PROJECT_SOURCE_DIR}/lib/savepoint.cpp)
add_library(savepoint::savepoint ALIAS savepoint)
set_target_properties(savepoint PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
target_link_libraries(savepoint PRIVATE savepoint_snapshot savepoint_verify savepoint_restore
                      savepoint_prune savepoint_rules)
target_link_options(savepoint PRIVATE -Wl,--as-needed)
if(NOT SAVEPOINT_SANITIZE) # a shared library leaves their functions to the program
  target_link_options(savepoint PRIVATE -Wl,--no-undefined)
endif()

# Installed, our headers name each other from include/: "base/error.hpp" alone could be anybody's.
set(public_headers savepoint.hpp base/error.hpp base/export.hpp)
foreach(header IN LISTS public_headers)
  set(source ${PROJECT_SOURCE_DIR}/lib/${header})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  string(REGEX REPLACE "#include \"([a-z_]+/)" "#include \"savepoint/\\1" text "${text}")
  set(installed ${PROJECT_BINARY_DIR}/generated/include/savepoint/${header})
  file(CONFIGURE OUTPUT ${installed} CONTENT "${text}" @ONLY)
endforeach()
target_include_directories(savepoint
  INTERFACE $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated/include>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE ${PROJECT_SOURCE_DIR}/lib)
target_compile_features(savepoint INTERFACE cxx_std_20)

if(NOT SAVEPOINT_INSTALL)
  return()
endif()
get_property(tools GLOBAL PROPERTY SAVEPOINT_TOOLS)
install(TARGETS ${tools} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/git-savepoint DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS savepoint EXPORT savepoint
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_BINARY_DIR}/generated/include/savepoint
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# The manual pages, and what shells complete, where each shell looks for it.
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/man/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} OPTIONAL)
install(FILES ${PROJECT_SOURCE_DIR}/completions/savepoint.bash RENAME savepoint
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${PROJECT_SOURCE_DIR}/completions/savepoint.zsh RENAME _savepoint
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${PROJECT_SOURCE_DIR}/completions/savepoint.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# What there is to read.
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
              ${PROJECT_SOURCE_DIR}/CHANGELOG.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

# What projects copy or include.
set(data_directory ${CMAKE_INSTALL_DATADIR}/savepoint)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/templates DESTINATION ${data_directory})

# find_package(savepoint CONFIG) gives savepoint::savepoint and savepoint_functions.cmake;
# it needs no other package.
set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/savepoint)
install(EXPORT savepoint NAMESPACE savepoint:: FILE savepointTargets.cmake
        DESTINATION ${package_directory})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/savepointConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/generated/savepointConfig.cmake
                              INSTALL_DESTINATION ${package_directory}
                              PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/savepointConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/savepointConfig.cmake
              ${PROJECT_BINARY_DIR}/generated/savepointConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/savepoint_functions.cmake
        DESTINATION ${package_directory})
