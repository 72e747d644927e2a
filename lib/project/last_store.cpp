#include "project/last_store.hpp"

#include "base/error.hpp"
#include "config/data_directory.hpp"
#include "fs/files.hpp"
#include "project/interrupted.hpp"
#include "json/value.hpp"

namespace savepoint::project {
namespace {

constexpr std::string_view k_format = "savepoint-last-restore";
constexpr std::int64_t k_version = 1;
constexpr std::uint64_t k_largest_record = std::uint64_t{1} << 16U;

std::optional<std::filesystem::path> record_of(const Project& project) {
  const auto data = config::data_directory(project.context().environment);
  return data ? std::optional(*data / "restored" /
                              (store::digest_of(work_tree(project)).hex() + ".json"))
              : std::nullopt;
}

std::optional<std::filesystem::path> store_in(const Bytes& record) {
  const json::Value document = json::parse(std::string(as_text(record)), "the last restore");
  if (document.at("format").as_string() != k_format ||
      document.at("version").as_integer() != k_version) {
    return std::nullopt; // of another savepoint
  }
  return json::bytes_of(document.at("store"));
}

} // namespace

void remember_store(const Project& project, const std::filesystem::path& store) {
  const auto record = record_of(project);
  if (!record || remembered_store(project) == store) {
    return; // where it lies inside of the project, it must not change while that is restored
  }
  const json::Value document =
      json::Value::object({{"format", k_format},
                           {"version", k_version},
                           {"root", json::text_or_bytes(project.root().native())},
                           {"store", json::text_or_bytes(store.native())}});
  try {
    fs::make_directories(record->parent_path());
    fs::AtomicFile file(*record);
    file.write(as_bytes(json::print(document)));
    file.commit();
  } catch (const Error&) { // NOLINT(bugprone-empty-catch): it matters only where the store changes
  }
}

std::optional<std::filesystem::path> remembered_store(const Project& project) {
  const auto record = record_of(project);
  if (!record) {
    return std::nullopt;
  }
  try {
    const auto bytes = fs::read_file(*record, k_largest_record);
    return bytes ? store_in(*bytes) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt; // damaged, or not ours to read: as if there were none
  }
}

} // namespace savepoint::project
