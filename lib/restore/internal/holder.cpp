#include "restore/internal/holder.hpp"

#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "snapshot/snapshot.hpp"
#include "store/content.hpp"

#include <algorithm>

namespace savepoint::restore {
namespace {

using manifest::DatabaseComponent;

constexpr std::size_t k_piece = std::size_t{1} << 20U;

/// Does what makes or removes files for the swap beside the database at `path`.
template <typename Act>
void keep_directory_time(const fs::Descriptor& root, std::string_view path, const Act& act) {
  const auto directory = fs::open_beneath(root, parent_of(path));
  const std::int64_t mtime_ns = directory ? fs::status_of(*directory).mtime_ns : 0;
  act();
  if (directory && fs::status_of(*directory).mtime_ns != mtime_ns) {
    fs::set_directory_mtime(*directory, mtime_ns);
  }
}

} // namespace

StagedList to_be_swapped(const Staged& staged) {
  StagedList list;
  for (const StagedDatabase& database : staged.databases) {
    if (database.restoration) {
      list.push_back(&database);
    }
  }
  return list;
}

bool is_unread(const Plan::State& plan, const manifest::Manifest& manifest,
               const std::string& name) {
  const DatabasePlan& to = plan.database_plans.at(name);
  return to.target.file.empty() && to.presence != database::Driver::Presence::missing &&
         std::ranges::count(manifest.databases, name, &DatabaseComponent::name) == 0;
}

Holder::Holder(const project::Project& project, const store::Store& store, store::Batch& batch,
               const Plan::State& plan)
    : project_(&project), store_(&store), plan_(&plan), root_(fs::open_directory(project.root())),
      sink_(batch.writer()) {}

std::vector<DatabaseComponent> Holder::hold(const StagedList& list,
                                            const manifest::Manifest& manifest) {
  std::vector<DatabaseComponent> held;
  for (const StagedDatabase* const database : list) {
    const DatabaseComponent& target = *database->component;
    project_->context().progress->stage("saving database " + quoted(target.name), 0);
    std::unique_ptr<database::Capture> capture;
    keep_directory_time(root_, target.path, [&] { capture = database->restoration->hold(); });
    if (!capture && is_unread(*plan_, manifest, target.name)) {
      capture = open_capture(target.name);
    }
    if (!capture) {
      continue;
    }
    DatabaseComponent now = read(*capture, target);
    now.name = target.name;
    now.driver = target.driver;
    now.path = target.path;
    held.push_back(std::move(now));
  }
  return held;
}

DatabaseComponent Holder::hold_elsewhere(const StagedDatabase& database) {
  std::unique_ptr<database::Capture> capture = database.restoration->hold();
  if (!capture) {
    capture = open_capture(database.component->name);
  }
  return read(*capture, *database.component);
}

void Holder::let_go(const StagedList& list) {
  for (const StagedDatabase* const database : list) {
    keep_directory_time(root_, database->component->path, [&] { database->restoration->let_go(); });
  }
}

std::unique_ptr<database::Capture> Holder::open_capture(const std::string& name) const {
  const database::Target& target = plan_->database_plans.at(name).target;
  return drivers::find(target.driver)
      .open_capture(target, store_->scratch_directory(), snapshot::Request().database_wait,
                    *project_->context().cancellation);
}

DatabaseComponent Holder::read(database::Capture& capture, const DatabaseComponent& target) {
  const project::Context& context = project_->context();
  const database::StreamShape shape = capture.shape();
  context.progress->stage("saving database " + quoted(target.name), shape.expected_size);
  store::ContentWriter writer(
      *sink_, store_->cutting_rules(),
      {.block_size = shape.block_size, .average_chunk = shape.average_chunk},
      store::ExtentCursor(*store_, target.image)); // it is often much like that
  Bytes piece(k_piece);
  while (const std::size_t got = capture.read(piece)) {
    context.cancellation->check();
    writer.write(ByteView(piece).first(got));
    context.progress->advance(0, got);
  }
  DatabaseComponent component = capture.describe();
  component.image = writer.finish();
  return component;
}

} // namespace savepoint::restore
