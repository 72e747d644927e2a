#include "base/error.hpp"
#include "prune/prune.hpp"
#include "restore/restore.hpp"
#include "store/journal.hpp"
#include "store/restores.hpp"
#include "store/store.hpp"
#include "support/scratch_project.hpp"
#include "support/small_store.hpp"
#include "verify/verify.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

// Damages a small store in every way there is, one at a time: every byte of every file changed, and
// every file cut off at every length. flips STEP: every so manieth of them.
//
// Each time: verify says so, unless the file is one that can be made anew; what a restore gives is
// what was saved, or it fails; and nothing but an Error comes out of anything.

using namespace savepoint;

namespace {

using Files = std::map<std::string, std::string>;

/// All of a directory tree: contents of files, targets of links, and what else there is.
Files contents_of(const std::filesystem::path& root) {
  Files files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().lexically_relative(root).native();
    if (entry.is_symlink()) {
      files[name] = "link to " + std::filesystem::read_symlink(entry.path()).native();
    } else if (entry.is_regular_file()) {
      files[name] = test::read_file(entry.path());
    } else {
      files[name] = "directory or fifo";
    }
  }
  return files;
}

/// What is made anew when it is missing or wrong.
bool is_cache(const std::string& file) {
  return file.starts_with("catalog.db") || file.starts_with("cache/") || file == "lock";
}

class Flips {
public:
  Flips() {
    project_.sh("mkdir -p src/deep; printf 'one\\n' > src/a; ln -s a src/l; ln src/a src/deep/b;"
                "printf 'K=v\\n' > .env; sqlite3 app.db 'CREATE TABLE t(a); INSERT INTO t "
                "VALUES(1)'; head -c 300000 /dev/zero | tr '\\0' z > large");
    const manifest::Manifest first = project_.take();
    project_.write("src/a", "two\n");
    const manifest::Manifest second = project_.take();
    project_.write("src/a", "three\n");
    const manifest::Manifest third = project_.take();
    test::mark(project_.store(), *first.id, {.note = "first", .tags = {"a"}, .pinned = true});
    store::write_journal(project_.store(),
                         {.tree = {.project = project_.project().identity(), .root_inode = 1},
                          .target = *third.id,
                          .safety = *first.id,
                          .request = json::Value::object()});
    store::add_restore(project_.store(),
                       {.project = project_.project().identity(), .root_inode = 1},
                       {.safety = *first.id, .at = Timestamp(std::chrono::seconds(1'800'000'000))});
    project_.close_store();
    {
      store::Store store = store::Store::open(root(), store::Access::exclusive);
      prune::Plan plan =
          prune::plan_named(store, store.snapshots(), {*second.id}, project_.cancellation);
      NoProgress progress;
      prune::execute(store, std::move(plan), Timestamp(std::chrono::seconds(1'900'000'000)),
                     project_.cancellation, progress);
    }
    snapshots_ = {*first.id, *third.id};
    pristine_ = contents_of(root());
    std::erase_if(pristine_, [](const auto& file) { return file.second == "directory or fifo"; });
    for (const SnapshotId& id : snapshots_) {
      expected_.push_back(restored(id));
    }
  }

  [[nodiscard]] std::size_t run(std::size_t step) {
    std::size_t done = 0;
    std::size_t at = 0;
    for (const auto& [file, content] : pristine_) {
      // Of a cache, whose every byte means as much as any other, fewer will do.
      const std::size_t sparse = file.starts_with("catalog.db") ? 61 : 1;
      for (std::size_t offset = 0; offset < content.size(); ++offset) {
        if (at++ % (step * sparse) != 0) {
          continue;
        }
        std::string flipped = content;
        flipped[offset] = static_cast<char>(flipped[offset] ^ (1 << (offset % 8)));
        try_with(file, offset, "flipped", flipped);
        try_with(file, offset, "cut off", content.substr(0, offset));
        done += 2;
      }
    }
    return done;
  }

private:
  [[nodiscard]] std::filesystem::path root() const { return project_.beside("store"); }

  [[nodiscard]] Files restored(const SnapshotId& id) const {
    const std::filesystem::path target = project_.beside("target");
    std::filesystem::remove_all(target);
    store::Store store = store::Store::open(root(), store::Access::shared);
    static_cast<void>(restore::restore_to(store, store.load(id), target, {}, project_.context()));
    return contents_of(target);
  }

  /// What verify names, "" standing for an error instead of a report; nothing if all is well.
  [[nodiscard]] std::vector<std::string> verified() const {
    try {
      const store::Store store = store::Store::open(root(), store::Access::shared);
      const verify::Report report =
          verify::verify(store, {.snapshots = {}, .read_data = true}, project_.context());
      std::vector<std::string> named;
      for (const verify::Problem& problem : report.problems) {
        named.push_back(problem.file);
      }
      std::ranges::copy(report.unneeded, std::back_inserter(named));
      return named;
    } catch (const Error&) {
      return {""};
    }
  }

  void try_with(const std::string& file, std::size_t offset, std::string_view how,
                const std::string& content) {
    const auto fail = [&](const std::string& why) {
      std::printf("%s %s at %zu: %s\n", file.c_str(), std::string(how).c_str(), offset,
                  why.c_str());
      std::exit(1);
    };
    test::write_file(root() / file, content);
    const std::vector<std::string> named = verified();
    if (!is_cache(file)) {
      if (named.empty()) {
        fail("verify says that all is well");
      }
      if (std::ranges::count(named, file) == 0 && named != std::vector<std::string>{""}) {
        fail("verify does not name the file");
      }
    } else if (!named.empty()) {
      fail("verify complains of what is only a cache: " + named.front());
    }
    for (std::size_t i = 0; i < snapshots_.size(); ++i) {
      try {
        if (restored(snapshots_[i]) != expected_[i]) {
          fail("a restore gives other data");
        }
      } catch (const Error& error) {
        if (is_cache(file)) {
          fail(std::string("a restore fails: ") + error.what());
        }
      }
    }
    put_back();
  }

  void put_back() const {
    for (const auto& [file, content] : pristine_) {
      test::write_file(root() / file, content);
    }
    for (const auto& [file, content] : contents_of(root())) {
      if (!pristine_.contains(file) && content != "directory or fifo") {
        std::filesystem::remove(root() / file);
      }
    }
  }

  test::ScratchProject project_;
  std::vector<SnapshotId> snapshots_;
  std::vector<Files> expected_;
  Files pristine_;
};

} // namespace

int main(int argc, char** argv) {
  std::size_t step = 0;
  const std::string_view text = argc == 2 ? argv[1] : "";
  if (std::from_chars(text.data(), text.data() + text.size(), step).ec != std::errc() ||
      step == 0) {
    std::fputs("usage: flips STEP\n", stderr);
    return 2;
  }
  Flips flips;
  const std::size_t done = flips.run(step);
  std::printf("%zu kinds of damage\n", done);
  return done > 0 ? 0 : 1;
}
