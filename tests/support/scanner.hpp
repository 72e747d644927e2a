#pragma once

#include "project/scan.hpp"
#include "store/tree_diff.hpp"
#include "support/catch.hpp"
#include "support/test_project.hpp"
#include "support/unprivileged.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

// Shared by tests of the scan: everything is inline.
namespace savepoint::test {

using project::CacheUse;
using project::Project;
using project::Scan;
using store::ChunkKind;

/// Counts the data that a scan had to read.
class CountingSink final : public store::ChunkSink {
public:
  CountingSink(std::unique_ptr<store::ChunkSink> below, std::atomic<std::size_t>& count,
               const std::function<void()>& when_read)
      : below_(std::move(below)), count_(&count), when_read_(&when_read) {}
  hash::Digest put(ByteView bytes, ChunkKind kind) override {
    *count_ += kind == ChunkKind::data ? 1U : 0U;
    if (kind == ChunkKind::data && *when_read_) {
      (*when_read_)();
    }
    return below_->put(bytes, kind);
  }
  [[nodiscard]] bool contains(const hash::Digest& id) override { return below_->contains(id); }

private:
  std::unique_ptr<store::ChunkSink> below_;
  std::atomic<std::size_t>* count_;
  const std::function<void()>* when_read_;
};

/// A project, its store, and scans that are sealed into snapshots.
class Scanner {
public:
  TestProject test;
  store::Store store = store::Store::open_or_create(test.store());
  std::atomic<std::size_t> chunks_read = 0; // by the last scan
  std::function<void()> when_read;          // called after each reading of a file, before its check
  bool without_privileges = false;          // modes of files hold for the scan, even for root's
  project::Reading reading = project::Reading::contents;

  [[nodiscard]] Project open() const {
    project::Context context;
    context.environment["HOME"] = test.home().string();
    context.clock = &test.clock;
    context.cancellation = &test.cancellation;
    context.progress = const_cast<NoProgress*>(&test.progress);
    return Project::open(test.root(), context);
  }

  /// Scans and keeps what was found.
  Scan scan_and_seal(const std::vector<std::string>& not_databases = {}) {
    const Project project = open();
    store::Batch batch(store);
    chunks_read = 0;
    Scan scan = run(
        project, [&] { return batch.writer(); }, batch.source(), CacheUse::renew, not_databases);
    manifest::Manifest manifest;
    manifest.created_at = test.clock.now();
    manifest.project = project.identity();
    manifest.code = scan.code;
    manifest.config = scan.config;
    last_ = store.seal(batch, std::move(manifest)).id;
    scan.remember(*last_);
    return scan;
  }

  /// Scans without the cache and without keeping anything.
  Scan scan_afresh() {
    const Project project = open();
    store::DryBatch dry(&store);
    return run(project, [&] { return dry.writer(); }, dry.source(), CacheUse::none, {});
  }

  [[nodiscard]] std::set<std::string> paths(const Scan& scan) const {
    std::set<std::string> result;
    store::walk_tree(store, scan.code.tree,
                     [&](const std::string& path, const store::TreeEntry&, const store::Tree*) {
                       result.insert(path);
                     });
    return result;
  }

  [[nodiscard]] store::TreeEntry entry(const Scan& scan, std::string_view path) const {
    const auto found = store::find_path(store, scan.code.tree, path);
    REQUIRE(found);
    return *found;
  }

  [[nodiscard]] std::string content(const Scan& scan, std::string_view path) const {
    return std::string(as_text(store::read_whole(store, entry(scan, path).content, 1U << 24U)));
  }

  std::optional<SnapshotId> last_;

private:
  Scan run(const Project& project, std::function<std::unique_ptr<store::ChunkSink>()> make_sink,
           const store::ChunkSource& source, CacheUse cache,
           const std::vector<std::string>& not_databases) {
    project::ScanOptions options;
    options.make_sink = [&, make_sink = std::move(make_sink)] {
      return std::make_unique<CountingSink>(make_sink(), chunks_read, when_read);
    };
    options.source = &source;
    options.store = &store;
    options.cache = cache;
    options.not_databases = not_databases;
    options.reading = reading;
    std::optional<Unprivileged> unprivileged;
    if (without_privileges) {
      unprivileged.emplace();
    }
    return project::scan(project, options);
  }
};

/// What git itself says, in our words.
struct Status {
  std::set<std::string> staged, unstaged, untracked;
  friend bool operator==(const Status&, const Status&) = default;
};

inline Status status_of(const Scan& scan) {
  Status status;
  for (const auto& change : scan.git->staged) {
    status.staged.insert(change.code + " " + change.path);
  }
  for (const auto& change : scan.git->unstaged) {
    status.unstaged.insert(change.code + " " + change.path);
  }
  status.untracked.insert(scan.git->untracked.begin(), scan.git->untracked.end());
  return status;
}

inline Status status_by_git(const TestProject& test) {
  Status status;
  const std::string output =
      test.git("-c status.renames=false status --porcelain=v1 -z --untracked-files=normal");
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = output.find('\0', at);
    const std::string line = output.substr(at, end - at);
    const std::string path = line.substr(3);
    if (line.starts_with("??")) {
      status.untracked.insert(path);
    } else {
      if (line[0] != ' ') {
        status.staged.insert(std::string(1, line[0]) + " " + path);
      }
      if (line[1] != ' ') {
        status.unstaged.insert(std::string(1, line[1]) + " " + path);
      }
    }
    at = end + 1;
  }
  return status;
}

/// Why `path` was left out of a scan; nothing if it was not.
inline std::optional<manifest::LeftOut> left_out(const Scan& scan, std::string_view path) {
  for (const manifest::LeftOut& one : scan.left_out) {
    if (one.path == path) {
      return one;
    }
  }
  return std::nullopt;
}

inline std::vector<std::string> database_paths(const Scan& scan) {
  std::vector<std::string> paths;
  for (const project::FoundDatabase& found : scan.databases) {
    paths.push_back(found.path);
  }
  return paths;
}

} // namespace savepoint::test
