#pragma once

#include "web/look.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <string>

namespace savepoint::web {

/// What the page shows of a project and its snapshots. Lists come in pages, so that ten thousand
/// snapshots and a hundred thousand files do not have to be sent, or drawn, at once. Nothing here
/// changes anything. May be asked by several threads.
class Reads {
public:
  explicit Reads(Asked asked);

  /// What may change while the page is open: {project, store, snapshots, newest, marks, head,
  /// recovery}; `marks` is another text when the note, a tag or the pin of any snapshot is.
  [[nodiscard]] json::Value state() const;
  /// {bytes} that the store takes: every file of it is looked at.
  [[nodiscard]] json::Value space() const;
  /// {commits[] {id, parents[], subject, names[], head}} that snapshots were taken at, and those
  /// where HEAD and the branches of snapshots are now, whatever other commits are between.
  [[nodiscard]] json::Value commits() const;
  /// {snapshots[], total}: as `list --json`, the newest first.
  [[nodiscard]] json::Value snapshots(const Page& page) const;
  /// As `show --json`, with the first line of what its commit says.
  [[nodiscard]] json::Value snapshot(const std::string& id) const;
  /// One directory of a snapshot: {entries[] {name, key, kind, size, mtime, target}, total}; `key`
  /// is its path for an address.
  [[nodiscard]] json::Value files(const std::string& id, const std::string& path,
                                  const Page& page) const;
  /// The contents of a file of a snapshot: {is, lines[], total}. `is` is "text", "binary", "too
  /// large", "secret" or "no file".
  [[nodiscard]] json::Value contents(const std::string& id, const std::string& path,
                                     const Page& page) const;
  /// As `log --json`.
  [[nodiscard]] json::Value operations(std::size_t limit) const;

private:
  Asked asked_;
};

} // namespace savepoint::web
