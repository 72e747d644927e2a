#pragma once

#include "git/internal/backend.hpp"
#include "git/internal/git_backend.hpp"
#include "git/internal/libgit.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::git {

/// Answers by libgit2, in this process.
class LibgitBackend final : public Backend {
public:
  enum class Verdict {
    found,
    none,    ///< No repository, or only a bare one.
    ask_git, ///< libgit2 does not know this format, or is not sure about the owner.
  };
  struct Opening {
    Verdict verdict = Verdict::none;
    std::unique_ptr<Backend> backend; ///< If found.
  };
  [[nodiscard]] static Opening open(const std::filesystem::path& directory);
  LibgitBackend(Places places, RepositoryHandle repository);

  [[nodiscard]] Head head() const override;
  [[nodiscard]] std::optional<Upstream> upstream() const override;
  [[nodiscard]] std::uint64_t stash_count() const override;
  [[nodiscard]] std::optional<std::string>
  resolve_commit(const std::string& revision) const override;
  [[nodiscard]] std::vector<std::string> commits_between(const std::string& from,
                                                         const std::string& to) const override;
  [[nodiscard]] std::vector<std::string> history(const std::string& commit,
                                                 std::size_t limit) const override;
  [[nodiscard]] Lineage lineage(const std::vector<std::string>& commits,
                                std::size_t limit) const override;
  [[nodiscard]] std::optional<std::string> config(const std::string& key) const override;
  void set_config(const std::string& key, const std::string& value) override;
  void compare_with_head(StagedComparison& comparison) const override;
  [[nodiscard]] std::optional<std::string> hash_regular(const std::string& path) const override;
  [[nodiscard]] std::string hash_blob(const std::string& bytes) const override;
  void read_blobs(const std::vector<std::string>& objects, BlobSink& sink) const override;
  [[nodiscard]] std::vector<std::string>
  known_objects(const std::vector<std::string>& objects) const override;
  [[nodiscard]] std::string subject(const std::string& commit) const override;

private:
  RepositoryHandle repository_;
  GitBackend git_; // for what libgit2 gets wrong in an otherwise readable repository
  bool shallow_;
};

} // namespace savepoint::git
