#pragma once

#include "database/driver.hpp"
#include "drivers/postgres/internal/access.hpp"
#include "process/child.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

/// A client program that can be run: `pg_dump` or `pg_restore`.
struct Program {
  std::string name;
  std::vector<std::string> command; ///< What to run, with what stands before it.
  int major = 0;                    ///< Its version: 15.
  bool is_inside = false;           ///< Run by `settings.client`, elsewhere.
};

/// A pg_dump that knows the server: of its version, else the nearest newer one.
///
/// Throws NotFoundError with the package to install.
[[nodiscard]] Program find_dump(const database::Target& target, int server_major,
                                const std::filesystem::path& versions);
/// A pg_restore that reads archives of `format`: of the server's version, else the nearest older
/// one, else the nearest newer one.
[[nodiscard]] Program find_restore(const database::Target& target, int server_major, int format,
                                   const std::filesystem::path& versions);

/// Starts a client program on `database`. `environment` must outlive the child.
[[nodiscard]] std::unique_ptr<process::Child>
start_client(const Program& program, std::vector<std::string> arguments, const Access& access,
             const database::Target& target, const ClientEnvironment& environment,
             const std::string& database, const Cancellation& cancellation);

/// What a client program complained of, in one line: its first error, or its last words.
[[nodiscard]] std::string complaint(const process::Ended& ended);

} // namespace savepoint::drivers::postgres
