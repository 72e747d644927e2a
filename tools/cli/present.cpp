#include "cli/present.hpp"

#include "snapshot/snapshot.hpp"

#include <set>
#include <string>
#include <utility>

namespace savepoint::cli {

SinceThen compare_with_present(const project::Project& project, store::Store& store,
                               const manifest::Manifest& before, Servers servers) {
  snapshot::Request request;
  if (servers == Servers::only_asked) {
    request.read_servers.emplace();
  }
  store::DryBatch batch(&store);
  snapshot::Present present = snapshot::capture(
      project, store, [&] { return batch.writer(); }, batch.source(), request);
  SinceThen since{.difference = compare::compare(batch.source(), before, present.manifest),
                  .left_out = std::move(present.manifest.left_out),
                  .unread = std::move(present.unread)};
  std::set<std::string> unseen(since.unread.begin(), since.unread.end());
  for (const manifest::LeftOut& left_out : since.left_out) {
    unseen.insert(left_out.path);
  }
  const auto only_unseen = [&](const std::string& name, store::ChangeKind kind) {
    return kind == store::ChangeKind::removed && unseen.contains(name);
  };
  std::erase_if(since.difference.files,
                [&](const auto& file) { return only_unseen(file.path, file.kind); });
  std::erase_if(since.difference.databases,
                [&](const auto& database) { return only_unseen(database.name, database.kind); });
  return since;
}

} // namespace savepoint::cli
