#pragma once

#include "database/driver.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "project/scan.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::project {

/// A database that the project speaks of and that is not captured.
struct PassedDatabase {
  std::string name = {};   ///< As it would be called.
  std::string where = {};  ///< As `database::display` has it, or a path; empty: not known.
  std::string source = {}; ///< As in database::Target.
  std::string reason = {};
  bool is_error = false; ///< The config wants it, and it cannot be had.
  /// It is not captured unasked, and people would miss it: as in discovery::Candidate.
  bool is_missed = false;
  /// Where it is only not to be captured, because of the config or because it is production: what
  /// an older snapshot has can be restored.
  std::optional<database::Target> target = std::nullopt;
};

/// All databases of a project.
struct Databases {
  std::vector<database::Target> targets; ///< Those to capture, sorted by name.
  std::vector<PassedDatabase> passed;    ///< The others, and why.
  std::vector<std::string> notes;        ///< What was unclear, for people.
  [[nodiscard]] const database::Target* find(std::string_view name) const;
  /// Whether one of them, passed or not, is known to be the file at `path` below the root.
  [[nodiscard]] bool has_file(std::string_view path) const;
};

/// Finds the databases that the config names, that a scan met as files, and that the project's
/// files and environment speak of. Asks no server.
///
/// A server's database is called as the config says, else as on its server, with `@host` where two
/// would have one name. An entry of the config with nothing but a name says how to treat the
/// database that is found under it. What needs a command of an untrusted config is passed.
class DatabaseFinder {
public:
  /// `project` must outlive it.
  explicit DatabaseFinder(const Project& project);
  ~DatabaseFinder();
  DatabaseFinder(const DatabaseFinder&) = delete;
  DatabaseFinder& operator=(const DatabaseFinder&) = delete;

  /// Those that are not files of the project: they are known before it is walked.
  [[nodiscard]] const std::vector<database::Target>& servers() const;
  /// All of them. To be called once.
  [[nodiscard]] Databases finish(const Scan& scan);

private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Databases find_databases(const Project& project, const Scan& scan);

/// Why what a snapshot has of a server's database is not for the one that has its name today, for
/// people: there is none, or it is another one. Empty if it is.
[[nodiscard]] std::string why_not_of_today(const manifest::DatabaseComponent& database,
                                           const Databases& today);

} // namespace savepoint::project
