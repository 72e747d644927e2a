#pragma once

#include "config/config.hpp"
#include "database/address.hpp"
#include "database/protection.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::discovery {

/// A database that something in the project speaks of.
struct Candidate {
  database::Address address;
  std::string file;     ///< Below the root; empty: the environment of the process.
  std::size_t line = 0; ///< Counted from 1; 0 for the environment.
  std::string variable; ///< "DATABASE_URL", where a variable holds it.
  std::string named_by; ///< "prisma/schema.prisma:7", where that names the variable.
  bool is_taken = false;
  /// It is not taken, and people would miss it: programs of the project work with it by what can
  /// be seen here. Not so what is for tests or another environment, caches, and what is not there.
  bool is_missed = false;
  std::string reason; ///< Why it was taken, or why not. No values.
};

/// Where it stands, in words: "DATABASE_URL in .env:3, named by prisma/schema.prisma:7".
[[nodiscard]] std::string source_of(const Candidate& candidate);

struct Findings {
  std::vector<Candidate> candidates; ///< Those that were taken first.
  std::vector<std::string> notes;    ///< What was unclear: readings that differ, files not read.
};

/// Reads, without executing anything, what the process environment, `.env*` files and the files of
/// frameworks say about databases (docs/discovery.md has the table). Test, shadow and production
/// databases are listed and not taken. The same database is listed once.
///
/// Servers that are taken can be connected to as their address says: names of compose services are
/// replaced by where they are published. SQLite databases that are taken have the path of their
/// file below the root as `address.database`; they are there for people, since the scan finds files
/// by itself. Nothing in the project is too broken for this: what cannot be read is a note.
[[nodiscard]] Findings discover(const std::filesystem::path& root,
                                const config::Environment& environment);

/// The value that the programs of the project at `root` see for a variable: the process
/// environment, then `.env*` in the order of the project's framework; or from `file` alone, if one
/// is named. Nothing if it is not set.
struct Variable {
  std::string value;
  std::string file = {}; ///< Below the root; empty: the environment of the process.
  std::size_t line = 0;
};
[[nodiscard]] std::optional<Variable> look_up(const std::filesystem::path& root,
                                              const config::Environment& environment,
                                              std::string_view name,
                                              const std::optional<std::string>& file);

} // namespace savepoint::discovery
