#pragma once

#include "git/internal/staged.hpp"
#include "git/repository.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace savepoint::git {

/// Where a repository is. All absolute, without a slash at the end.
struct Places {
  std::filesystem::path work_tree;
  std::filesystem::path git_directory;
  std::filesystem::path common_directory;
};

/// The questions to which the answer depends on the format of the repository. `Repository` says
/// what each means; here revisions are already known to be no options.
class Backend {
public:
  explicit Backend(Places places) : places_(std::move(places)) {}
  virtual ~Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  [[nodiscard]] const Places& places() const { return places_; }

  [[nodiscard]] virtual Head head() const = 0;
  [[nodiscard]] virtual std::optional<Upstream> upstream() const = 0;
  [[nodiscard]] virtual std::uint64_t stash_count() const = 0;
  [[nodiscard]] virtual std::optional<std::string>
  resolve_commit(const std::string& revision) const = 0;
  /// What `to` reaches and `from` does not, newest first. Both are full ids.
  [[nodiscard]] virtual std::vector<std::string> commits_between(const std::string& from,
                                                                 const std::string& to) const = 0;
  [[nodiscard]] virtual std::vector<std::string> history(const std::string& commit,
                                                         std::size_t limit) const = 0;
  [[nodiscard]] virtual Lineage lineage(const std::vector<std::string>& commits,
                                        std::size_t limit) const = 0;
  [[nodiscard]] virtual std::optional<std::string> config(const std::string& key) const = 0;
  virtual void set_config(const std::string& key, const std::string& value) = 0;
  /// Shows `comparison` the tree of HEAD, which is empty before the first commit.
  virtual void compare_with_head(StagedComparison& comparison) const = 0;
  /// The id of a regular file's content, converted as if it were added.
  [[nodiscard]] virtual std::optional<std::string> hash_regular(const std::string& path) const = 0;
  /// The id of a blob with exactly these bytes.
  [[nodiscard]] virtual std::string hash_blob(const std::string& bytes) const = 0;

  /// Gives the blobs that are there to `sink`, in their order.
  virtual void read_blobs(const std::vector<std::string>& objects, BlobSink& sink) const = 0;
  /// Those of `objects` that are there and are commits, tags or trees.
  [[nodiscard]] virtual std::vector<std::string>
  known_objects(const std::vector<std::string>& objects) const = 0;

  /// The first line of what a commit says; empty if it cannot be read.
  [[nodiscard]] virtual std::string subject(const std::string& commit) const = 0;

private:
  Places places_;
};

} // namespace savepoint::git
