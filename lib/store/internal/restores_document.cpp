#include "store/internal/restores_document.hpp"

#include "base/error.hpp"
#include "manifest/sealed_document.hpp"
#include "store/internal/documents.hpp"
#include "json/value.hpp"

namespace savepoint::store {
namespace {

constexpr manifest::Format k_format{"savepoint-restores", 1};

PastRestore parse_restore(const json::Value& item) {
  const auto safety = SnapshotId::parse(item.at("safety").as_string());
  const auto at = parse_iso8601(item.at("at").as_string());
  if (!safety || !at) {
    throw CorruptionError("a restore in it has no snapshot or no time");
  }
  return {.safety = *safety, .at = *at};
}

} // namespace

std::string print_restores(const std::vector<PastRestore>& restores) {
  json::Value list = json::Value::array();
  for (const PastRestore& restore : restores) {
    list.push(
        json::Value::object({{"safety", restore.safety.text()}, {"at", to_iso8601(restore.at)}}));
  }
  return manifest::print_sealed(json::Value::object(
      {{"format", k_format.name}, {"version", k_format.version}, {"restores", std::move(list)}}));
}

std::vector<PastRestore> parse_restores(std::string_view text, std::string_view what) {
  const json::Value document = manifest::parse_sealed(text, what, k_format);
  try {
    std::vector<PastRestore> restores;
    for (const json::Value& item : document.at("restores").items()) {
      restores.push_back(parse_restore(item));
    }
    return restores;
  } catch (const CorruptionError& error) {
    throw CorruptionError(std::string(what) + " is damaged: " + error.what());
  }
}

std::vector<PastRestore> read_restores(const Layout& layout, const std::filesystem::path& path) {
  const std::optional<Bytes> text = read_document(layout, path);
  return text ? parse_restores(as_text(*text), layout.below_root(path))
              : std::vector<PastRestore>();
}

} // namespace savepoint::store
