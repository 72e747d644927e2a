#pragma once

#include "discovery/discovery.hpp"
#include "discovery/internal/packages.hpp"
#include "discovery/internal/project_files.hpp"
#include "discovery/internal/settings_tree.hpp"
#include "discovery/internal/variables.hpp"

#include <string>
#include <vector>

namespace savepoint::discovery {

/// How much a source counts where several speak of the same database: less is better.
enum class Rank {
  process, ///< A variable of the process, named by something.
  named,   ///< A variable in a file that a framework's file names.
  variable,
  literal, ///< It stands in a framework's file itself.
  service, ///< What a compose file starts.
};

/// A candidate before it is judged.
struct Evidence {
  Candidate candidate;
  Role role = Role::main;
  Rank rank = Rank::literal;
  std::vector<std::string> bases; ///< Where relative paths of SQLite may begin, below the root.
  std::string refusal;            ///< Why it is not taken, where that is known already.
  bool is_server = false;         ///< All that is known is that a server starts with it.
};

/// What `extract` needs to know of a file.
struct Origin {
  const Variables* variables = nullptr; ///< Must outlive the call.
  std::string file;
  std::vector<std::string> bases;
  Role role = Role::main;
  Rank rank = Rank::literal;
  std::string driver; ///< Where the file is of one kind of database alone.
};

/// Finds the databases that a tree of settings speaks of.
class Extractor {
public:
  Extractor(ProjectFiles& files, std::vector<Evidence>& found) : files_(&files), found_(&found) {}

  /// Returns how many it added.
  std::size_t extract(const Node& tree, const Origin& origin);
  /// Adds what a URL says; `found` says where the URL stands. Text that is none is noted.
  /// `named_by` may be empty.
  Evidence* add_url(const Found& found, const Origin& origin, const std::string& named_by);
  /// What `file` says of the one database that programs use by default does not hold.
  void refuse(const std::string& file, const std::string& reason);

private:
  struct Scope;
  void extract_node(const Node& node, const Scope& scope);
  void note_unresolved(const Value& value, const Scope& scope, const std::string& place);
  [[nodiscard]] bool extract_urls(const Node& node, const Scope& scope);
  [[nodiscard]] static const Value* computed_part(const Node& node, const Scope& scope);
  void extract_parts(const Node& node, const Scope& scope);

  ProjectFiles* files_;
  std::vector<Evidence>* found_;
};

/// Our name for a kind of database as frameworks call it: "pg", "mysql2",
/// "django.db.backends.sqlite3"; empty if it is none.
[[nodiscard]] std::string driver_word(std::string_view text);
/// Lower case, without `_` and `-`.
[[nodiscard]] std::string plain_key(std::string_view key);

/// What the environment and the `.env` files of a package say.
void find_in_environment(Extractor& extractor, ProjectFiles& files, const Variables& variables,
                         std::vector<Evidence>& found);
/// What the files of frameworks in a package say.
void find_in_frameworks(Extractor& extractor, ProjectFiles& files, const Variables& variables);

/// A server that a compose file starts.
struct Service {
  std::string name;
  std::string file;
  std::uint16_t port = 0;      ///< Inside.
  std::string host;            ///< Where its port is published.
  std::uint16_t published = 0; ///< 0: it is not.
};
/// What the compose files of a package start, and what they say to programs in containers.
void find_in_compose(Extractor& extractor, ProjectFiles& files, const Variables& variables,
                     std::vector<Evidence>& found, std::vector<Service>& services);

/// Decides which are taken and says why; the same database once, taken ones first.
[[nodiscard]] std::vector<Candidate> judge(std::vector<Evidence> found,
                                           const std::vector<Service>& services,
                                           ProjectFiles& files,
                                           const config::Environment& environment);

} // namespace savepoint::discovery
