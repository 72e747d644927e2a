#include "cli/present.hpp"

#include "snapshot/snapshot.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace savepoint::cli {

Present look_at_present(const project::Project& project, store::Store& store, Servers servers) {
  snapshot::Request request;
  if (servers == Servers::only_asked) {
    request.read_servers.emplace();
  }
  auto batch = std::make_unique<store::DryBatch>(&store);
  snapshot::Present captured = snapshot::capture(
      project, store, [&] { return batch->writer(); }, batch->source(), request);
  return {.manifest = std::move(captured.manifest),
          .unread = std::move(captured.unread),
          .batch = std::move(batch)};
}

SinceThen compare_with(const Present& present, const manifest::Manifest& before) {
  SinceThen since{.difference = compare::compare(present.batch->source(), before, present.manifest),
                  .left_out = present.manifest.left_out,
                  .unread = present.unread};
  std::set<std::string, std::less<>> unseen(since.unread.begin(), since.unread.end());
  for (const manifest::LeftOut& left_out : since.left_out) {
    unseen.insert(left_out.path);
  }
  const auto is_unseen = [&](std::string_view path) {
    for (std::size_t end = path.size(); end != std::string_view::npos && end > 0;
         end = path.rfind('/', end - 1)) {
      if (unseen.contains(path.substr(0, end))) { // itself, or a directory that it is in
        return true;
      }
    }
    return false;
  };
  const auto only_unseen = [&](const std::string& name, store::ChangeKind kind) {
    return kind == store::ChangeKind::removed && is_unseen(name);
  };
  std::erase_if(since.difference.files,
                [&](const auto& file) { return only_unseen(file.path, file.kind); });
  std::erase_if(since.difference.databases,
                [&](const auto& database) { return only_unseen(database.name, database.kind); });
  std::erase_if(since.difference.config,
                [&](const auto& file) { return only_unseen(file.path, file.kind); });
  return since;
}

SinceThen compare_with_present(const project::Project& project, store::Store& store,
                               const manifest::Manifest& before, Servers servers) {
  return compare_with(look_at_present(project, store, servers), before);
}

} // namespace savepoint::cli
