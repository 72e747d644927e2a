#pragma once

#include "git/internal/backend.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

struct Answer;

/// Answers by asking the `git` program: slower, but it knows every format.
class GitBackend final : public Backend {
public:
  /// Null if git finds no repository, or only a bare one.
  ///
  /// Throws RefusedError if git refuses because of its owner.
  [[nodiscard]] static std::unique_ptr<Backend> discover(const std::filesystem::path& directory);
  explicit GitBackend(Places places) : Backend(std::move(places)) {}

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
  [[nodiscard]] Answer ask(std::vector<std::string> arguments) const;
  [[nodiscard]] const std::map<std::string, std::string>& without_filters() const;

  mutable std::optional<std::map<std::string, std::string>> without_filters_;
};

} // namespace savepoint::git
