# What `cpack` makes: a package for Debian and an archive. `./dev release` calls it.
set(CPACK_PACKAGE_NAME savepoint)
set(CPACK_PACKAGE_VENDOR "The savepoint authors")
set(CPACK_PACKAGE_CONTACT "The savepoint authors <maintainers@savepoint.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "snapshots of a whole project: code, databases, configuration")
set(CPACK_PACKAGE_DESCRIPTION
"savepoint saves a project in a second and puts it back exactly: its files,
its SQLite, PostgreSQL and MariaDB databases and its configuration, tied to
the state of git that they belong to. A restore is all or nothing, also when
it is killed, and can be undone. git hooks, CMake, make and npm can have it
take snapshots by themselves.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_SYSTEM_NAME linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_IGNORE_FILES "/\\.git/" "/build/" "/dist/" "/node_modules/")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/packages/triggers)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Libraries of servers are opened when a database of their kind is met.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "git, libpq5, libmariadb3")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql-client, sqlite3")

# What a package for Debian has otherwise than `cmake --install` has.
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/packages/as_debian_has_it.cmake)
set(CPACK_PROJECT_SOURCE_DIRECTORY ${PROJECT_SOURCE_DIR})
include(CPack)
