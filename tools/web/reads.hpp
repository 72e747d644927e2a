#pragma once

#include "base/cancellation.hpp"
#include "cli/common.hpp"
#include "compare/compare.hpp"
#include "config/config.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace savepoint::web {

/// A part of a long list.
struct Page {
  std::size_t offset = 0;
  std::size_t limit = 0;
};

/// What the page shows of a project and its snapshots. Lists come in pages, so that ten thousand
/// snapshots and a hundred thousand files do not have to be sent, or drawn, at once. Nothing here
/// changes anything. May be asked by several threads.
class Reads {
public:
  /// `cancellation` must outlive it.
  Reads(cli::Common common, config::Environment environment, const Cancellation& cancellation);

  /// What may change while the page is open: {project, store, snapshots, newest, head, recovery}.
  [[nodiscard]] json::Value state() const;
  /// {snapshots[], total}: as `list --json`, the newest first.
  [[nodiscard]] json::Value snapshots(const Page& page) const;
  /// As `show --json`, with the first line of what its commit says.
  [[nodiscard]] json::Value snapshot(const std::string& id) const;
  /// One directory of a snapshot: {entries[] {name, key, kind, size, mtime, target}, total}; `key`
  /// is its path for an address.
  [[nodiscard]] json::Value files(const std::string& id, const std::string& path,
                                  const Page& page) const;
  /// From one snapshot to another, or where `after` is empty to the project as it is now:
  /// {files[], total, counts, databases[], config[]} as `diff --json`; `filter` is a part of the
  /// paths that are wanted.
  [[nodiscard]] json::Value difference(const std::string& before, const std::string& after,
                                       const std::string& filter, const Page& page);
  /// As `log --json`.
  [[nodiscard]] json::Value operations(std::size_t limit) const;

private:
  struct Compared {
    std::string key;
    std::shared_ptr<const compare::Difference> difference;
    json::Value not_compared;
  };
  [[nodiscard]] Compared compare_now(const std::string& before) const;
  [[nodiscard]] Compared find_compared(const std::string& before, const std::string& after,
                                       bool is_first_page);

  cli::Common common_;
  config::Environment environment_;
  const Cancellation* cancellation_;
  std::mutex mutex_;             // guards what follows
  std::list<Compared> compared_; ///< The last ones, for their other pages.
};

} // namespace savepoint::web
