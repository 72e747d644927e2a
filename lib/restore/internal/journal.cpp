#include "restore/internal/journal.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "project/interrupted.hpp"
#include "project/last_store.hpp"
#include "restore/internal/brought.hpp"
#include "restore/internal/safety.hpp"

#include <algorithm>
#include <set>

namespace savepoint::restore {

void throw_nothing_due() {
  throw NotFoundError("no recovery is due: no restore of this project was interrupted");
}

namespace {

json::Value list_of(const std::vector<std::string>& texts) {
  json::Value list = json::Value::array();
  for (const std::string& text : texts) {
    list.push(json::text_or_bytes(text));
  }
  return list;
}

std::vector<std::string> texts_of(const json::Value& list) {
  std::vector<std::string> texts;
  for (const json::Value& item : list.items()) {
    texts.push_back(json::bytes_of(item));
  }
  return texts;
}

/// The directories that are opened for the swap, with the modes that they get back. The plan says
/// what becomes of those that are in it.
json::Value opened_list(const Plan::State& plan, const std::vector<Step>& steps) {
  json::Value list = json::Value::array();
  for (const Step& step : steps) {
    if (step.opens && !plan.paths.contains(step.path)) {
      list.push(json::Value::object({{"path", json::text_or_bytes(step.path)},
                                     {"mode", static_cast<std::int64_t>(step.before.mode)}}));
    }
  }
  return list;
}

void close_opened(const fs::Descriptor& root, const store::Journal& journal) {
  const json::Value* const opened = journal.request.find("opened");
  if (opened == nullptr) {
    return;
  }
  for (const json::Value& item : opened->items()) {
    if (const auto directory = fs::open_beneath(root, json::bytes_of(item.at("path")))) {
      fs::set_mode_at(*directory, ".", static_cast<std::uint32_t>(item.at("mode").as_integer()),
                      fs::SpecialBits::keep);
    }
  }
}

/// What a journal has to know of a plan, beside its snapshots: docs/formats/journal.md.
json::Value journal_request(const Plan::State& plan, const std::vector<Step>& steps) {
  const Request& request = plan.request;
  std::set<std::string> databases;
  for (const auto* list : {&plan.databases, &plan.leaving}) {
    for (const manifest::DatabaseComponent& database : *list) {
      databases.insert(database.name);
    }
  }
  if (plan.recovery) { // one that differs no more was swapped by the interrupted restore
    const Request before = request_of(plan.recovery->journal);
    databases.insert(before.only.database_names.begin(), before.only.database_names.end());
  }
  json::Value value =
      json::Value::object({{"code", request.only.code},
                           {"config", request.only.config},
                           {"databases", list_of({databases.begin(), databases.end()})},
                           {"paths", list_of(request.paths)},
                           {"tables", list_of(request.tables)},
                           {"with_config", request.with_config},
                           {"keep_extra", request.keep_extra},
                           {"partial", request.partial},
                           {"create_database", request.create_database},
                           {"disconnect", request.disconnect},
                           {"confirmed", list_of(request.confirmed)}});
  if (request.git) {
    value.set("git", true);
  }
  if (!plan.ancestors.empty()) {
    value.set("ancestors", list_of(plan.ancestors));
  }
  if (json::Value opened = opened_list(plan, steps); !opened.items().empty()) {
    value.set("opened", std::move(opened));
  }
  return value;
}

} // namespace

Request request_of(const store::Journal& journal) {
  const json::Value& from = journal.request;
  Request request;
  request.only.code = from.at("code").as_bool();
  request.only.config = from.at("config").as_bool();
  request.only.database_names = texts_of(from.at("databases"));
  request.only.databases = !request.only.database_names.empty();
  request.paths = texts_of(from.at("paths"));
  request.tables = texts_of(from.at("tables"));
  request.with_config = from.at("with_config").as_bool();
  request.keep_extra = from.at("keep_extra").as_bool();
  request.partial = from.at("partial").as_bool();
  request.create_database = from.at("create_database").as_bool();
  request.disconnect = from.at("disconnect").as_bool();
  request.confirmed = texts_of(from.at("confirmed"));
  request.git = from.find("git") != nullptr && from.at("git").as_bool();
  return request;
}

std::vector<std::string> ancestors_of(const store::Journal& journal) {
  const json::Value* const ancestors = journal.request.find("ancestors");
  return ancestors == nullptr ? std::vector<std::string>() : texts_of(*ancestors);
}

bool covers(const Request& request, const manifest::Manifest& target,
            const store::Journal& interrupted) {
  const Request other = request_of(interrupted);
  const bool has_databases =
      std::ranges::all_of(other.only.database_names, [&](const std::string& name) {
        return request.only.databases && request.only.includes_database(name) &&
               std::ranges::count(target.databases, name, &manifest::DatabaseComponent::name) > 0;
      });
  return has_databases && request.paths.empty() && request.tables.empty() && !request.keep_extra &&
         !request.partial && (request.only.code || !other.only.code) &&
         (request.only.config || !other.only.config) &&
         (request.with_config || !other.with_config) && request.git == other.git &&
         (!request.git || target.id == interrupted.target); // else undo would not know all branches
}

void JournalKeeper::require_as_planned() const {
  const auto journal = store::find_journal(store_->root(), project::work_tree(*project_));
  if (journal && !plan_->recovery) {
    project::refuse_while_due(*journal);
  }
  if (plan_->recovery && (!journal || journal->safety != plan_->recovery->journal.safety)) {
    throw_nothing_due();
  }
}

void JournalKeeper::begin(const SnapshotId& safety, const std::vector<Step>& steps) {
  const SnapshotId& before = plan_->recovery ? plan_->recovery->journal.safety : safety;
  project::remember_store(*project_, store_->root());
  if (plan_->recovery && plan_->recovery->is_taken_over) {
    mark_taken_over(*store_, before, *plan_->target.id);
  }
  if (!plan_->recovery || plan_->recovery->is_taken_over) {
    store::write_journal(*store_, {.tree = project::work_tree(*project_),
                                   .target = *plan_->target.id,
                                   .safety = before,
                                   .request = journal_request(*plan_, steps)});
  }
  if (!plan_->recovery || plan_->recovery->direction == Direction::forward) {
    mark_used(*project_, *store_, before);
  }
}

void JournalKeeper::finish() {
  if (plan_->recovery && !plan_->recovery->is_taken_over) {
    close_opened(fs::open_directory(project_->root()), plan_->recovery->journal);
  }
  if (plan_->recovery && plan_->recovery->direction == Direction::back) {
    mark_unused(*project_, *store_, plan_->recovery->journal.safety);
  }
  store::remove_journal(*store_, project::work_tree(*project_));
}

void JournalKeeper::take_back(const SnapshotId& safety) {
  if (!plan_->recovery) {
    mark_unused(*project_, *store_, safety);
    store::remove_journal(*store_, project::work_tree(*project_));
  }
}

} // namespace savepoint::restore
