#include "project/database_report.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "database/driver.hpp"
#include "drivers/all.hpp"
#include "store/store.hpp"

#include <algorithm>
#include <utility>

namespace savepoint::tools {
namespace {

using database::Target;
using project::PassedDatabase;

std::string joined(const std::string& where, const std::string& source) {
  if (where.empty()) {
    return printable(source);
  }
  return printable(where) + (source.empty() ? "" : " (" + printable(source) + ")");
}

json::Value document_of(const Target& target, const Reached* reached) {
  json::Value item = json::Value::object(
      {{"name", json::text_or_bytes(target.name)},
       {"driver", target.driver},
       {"where",
        json::text_or_bytes(target.file.empty() ? database::display(target.address) : target.path)},
       {"source", json::text_or_bytes(target.source)},
       {"taken", true},
       {"protected", target.protection.is_protected}});
  if (target.protection.is_protected) {
    item.set("reason", json::text_or_bytes(target.protection.reason));
  }
  if (reached != nullptr) {
    item.set("reachable", reached->trouble.empty());
    item.set("exists", reached->is_there);
    item.set("version", json::text_or_bytes(reached->version));
    item.set("trouble", json::text_or_bytes(reached->trouble));
  }
  return item;
}

json::Value document_of(const PassedDatabase& passed) {
  return json::Value::object({{"name", json::text_or_bytes(passed.name)},
                              {"where", json::text_or_bytes(passed.where)},
                              {"source", json::text_or_bytes(passed.source)},
                              {"taken", false},
                              {"reason", json::text_or_bytes(passed.reason)},
                              {"error", passed.is_error}});
}

} // namespace

project::Scan look_around(const project::Project& project) {
  store::DryBatch batch(nullptr);
  project::ScanOptions options;
  options.make_sink = [&] { return batch.writer(); };
  options.source = &batch.source();
  options.reading = project::Reading::names; // nothing is kept: the first snapshot reads it all
  options.git_status = false;
  return project::scan(project, options);
}

std::vector<Reached> reach(const project::Databases& databases) {
  std::vector<Reached> all;
  for (const Target& target : databases.targets) {
    if (!target.file.empty()) {
      continue;
    }
    Reached reached{.target = &target, .version = {}, .is_there = false, .trouble = {}};
    try {
      const database::Driver& driver = drivers::find(target.driver);
      reached.is_there = driver.presence(target) != database::Driver::Presence::missing;
      if (reached.is_there) {
        reached.version = driver.server_version(target);
      }
    } catch (const Error& error) {
      reached.trouble = error.what();
      reached.trouble += error.hint().empty() ? "" : "; " + error.hint();
    }
    all.push_back(std::move(reached));
  }
  return all;
}

std::string place_of(const Target& target) {
  const std::string where = !target.file.empty()            ? target.path
                            : target.address.driver.empty() ? std::string()
                                                            : database::display(target.address);
  return joined(where, target.source);
}

std::string place_of(const PassedDatabase& passed) {
  return joined(passed.where, passed.source);
}

json::Value to_json(const project::Databases& databases, const std::vector<Reached>& reached) {
  json::Value items = json::Value::array();
  for (const Target& target : databases.targets) {
    const auto asked = std::ranges::find(reached, &target, &Reached::target);
    items.push(document_of(target, asked == reached.end() ? nullptr : &*asked));
  }
  for (const PassedDatabase& passed : databases.passed) {
    items.push(document_of(passed));
  }
  return items;
}

} // namespace savepoint::tools
