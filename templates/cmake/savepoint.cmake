# Keep this file in a project that shall build with and without savepoint:
#
#   include(cmake/savepoint.cmake)
#   savepoint_add_targets()
#
# Where savepoint is installed, its functions are there; elsewhere they do nothing.
find_package(savepoint CONFIG QUIET)
if(NOT savepoint_FOUND)
  message(STATUS "savepoint is not installed: no snapshots are taken")
  foreach(name IN ITEMS add_targets guard guard_install test_fixture)
    cmake_language(EVAL CODE "function(savepoint_${name})\nendfunction()")
  endforeach()
endif()
