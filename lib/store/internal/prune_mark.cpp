#include "store/internal/prune_mark.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "manifest/sealed_document.hpp"
#include "json/value.hpp"

namespace savepoint::store {
namespace {

constexpr manifest::Format k_format{"savepoint-pruned", 1};

json::Value text_of(const std::optional<SnapshotId>& id) {
  return id ? json::Value(id->text()) : json::Value();
}

SnapshotId parse_id(const json::Value& value) {
  if (std::optional<SnapshotId> id = SnapshotId::parse(value.as_string())) {
    return std::move(*id);
  }
  throw CorruptionError(savepoint::quoted(value.as_string()) + " is not the id of a snapshot");
}

json::Value to_json(const std::vector<PrunedSnapshot>& snapshots) {
  json::Value list = json::Value::array();
  for (const PrunedSnapshot& snapshot : snapshots) {
    list.push(json::Value::object({{"id", snapshot.id.text()},
                                   {"previous", text_of(snapshot.previous)},
                                   {"pruned_at", snapshot.pruned_at}}));
  }
  return json::Value::object(
      {{"format", k_format.name}, {"version", k_format.version}, {"snapshots", list}});
}

std::vector<PrunedSnapshot> from_json(const json::Value& document) {
  std::vector<PrunedSnapshot> snapshots;
  for (const json::Value& item : document.at("snapshots").items()) {
    const json::Value& previous = item.at("previous");
    snapshots.push_back(
        {.id = parse_id(item.at("id")),
         .previous = previous.is_null() ? std::nullopt : std::optional(parse_id(previous)),
         .pruned_at = item.at("pruned_at").as_string()});
  }
  return snapshots;
}

} // namespace

std::string print_prune_mark(const std::vector<PrunedSnapshot>& snapshots) {
  return manifest::print_sealed(to_json(snapshots));
}

std::vector<PrunedSnapshot> parse_prune_mark(std::string_view text, std::string_view what) {
  const json::Value document = manifest::parse_sealed(text, what, k_format);
  try {
    std::vector<PrunedSnapshot> snapshots = from_json(document);
    if (print_prune_mark(snapshots) != text) {
      throw CorruptionError("it says more than it may");
    }
    return snapshots;
  } catch (const CorruptionError& error) {
    throw CorruptionError(std::string(what) + " is damaged: " + error.what());
  }
}

std::vector<PrunedSnapshot> read_prune_mark(const Layout& layout,
                                            const std::filesystem::path& path) {
  const std::optional<Bytes> text = fs::read_file(path);
  return text ? parse_prune_mark(as_text(*text), layout.below_root(path))
              : std::vector<PrunedSnapshot>{};
}

} // namespace savepoint::store
