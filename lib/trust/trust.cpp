#include "trust/trust.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "config/data_directory.hpp"
#include "fs/files.hpp"
#include "hash/sha256.hpp"
#include "json/value.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>

#include <unistd.h>

namespace savepoint::trust {
namespace {

using config::Config;
using config::Environment;

constexpr std::uint64_t k_largest_record = std::uint64_t{1} << 20U;
constexpr std::uint32_t k_group_may_write = 020;
constexpr std::uint32_t k_others_may_write = 02;

/// Where the user's records are; nothing without a home.
std::optional<std::filesystem::path> records(const Environment& environment) {
  const auto data = config::data_directory(environment);
  return data && data->is_absolute() ? std::optional(*data / "trusted") : std::nullopt;
}

/// The one name of the file, whichever way led to it. A link at its end stays: commands run in the
/// directory that it is in.
std::filesystem::path whole_name(const std::filesystem::path& file) {
  return std::filesystem::canonical(file.parent_path()) / file.filename();
}

fs::FileStatus status_of(const Config& config) {
  return fs::status_of(fs::open_for_reading(config.file));
}

/// One directory a file, one record a text: who switches between branches is not asked each time.
std::filesystem::path directory_of(const std::filesystem::path& records,
                                   const std::filesystem::path& file) {
  return records / hash::sha256(as_bytes(file.native())).hex();
}

struct Record {
  std::filesystem::path place;
  std::string text;
};

Record record_of(const Config& config, const std::filesystem::path& records, std::uint32_t owner) {
  const std::filesystem::path file = whole_name(config.file);
  const std::string content = hash::sha256(as_bytes(config.text)).hex();
  return {.place = directory_of(records, file) / (content + ".json"),
          .text = json::print(json::Value::object({{"format", "savepoint-trust"},
                                                   {"version", 1},
                                                   {"file", json::text_or_bytes(file.native())},
                                                   {"sha256", content},
                                                   {"owner", std::uint64_t{owner}}}))};
}

bool is_ours(const fs::FileStatus& status) {
  return status.user == geteuid() || status.user == 0;
}

void require_private(const fs::FileStatus& status, const std::filesystem::path& file) {
  const std::string subject = "cannot trust " + quoted(file.native()) + ": ";
  if (!is_ours(status)) {
    throw RefusedError(subject + "it belongs to another user, who can change it at any time",
                       "copy it, or have it given to you with chown");
  }
  if ((status.mode & (k_group_may_write | k_others_may_write)) != 0) {
    throw RefusedError(subject + ((status.mode & k_others_may_write) != 0
                                      ? "everybody may write to it"
                                      : "everybody in its group may write to it"),
                       "chmod go-w " + printable(file.native()));
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

} // namespace

std::vector<Permission> permissions_of(const Config& config) {
  std::vector<Permission> permissions;
  if (!config.databases_are_projects) {
    return permissions;
  }
  for (const config::DatabaseSetting& database : config.databases) {
    const auto add = [&](std::string_view key, std::string value) {
      if (!value.empty()) {
        permissions.push_back({database.name, std::string(key), std::move(value)});
      }
    };
    add("dump", database.dump);
    add("restore", database.restore);
    add("client", joined(database.client));
    add("url", database.url ? database.url->literal : std::string());
    if (database.is_protected && !*database.is_protected) {
      add("protected", "false");
    }
  }
  return permissions;
}

bool is_trusted(const Config& config, const Environment& environment) {
  if (!config.databases_are_projects) {
    return true;
  }
  const auto directory = records(environment);
  if (!directory || config.file.empty()) {
    return false;
  }
  try {
    const fs::FileStatus status = status_of(config);
    const Record record = record_of(config, *directory, status.user);
    const auto written = fs::status(record.place);
    if (!is_ours(status) || !written || written->kind != fs::FileKind::regular ||
        !is_ours(*written) || (written->mode & (k_group_may_write | k_others_may_write)) != 0) {
      return false;
    }
    const auto bytes = fs::read_file(record.place, k_largest_record);
    return bytes && as_text(*bytes) == record.text;
  } catch (const IoError&) { // a record that cannot be read trusts nobody
    return false;
  } catch (const std::filesystem::filesystem_error&) {
    return false;
  }
}

void trust(const Config& config, const Environment& environment) {
  const auto directory = records(environment);
  if (!directory) {
    throw UsageError("cannot keep the trust in " + quoted(config.file.native()) +
                         ": neither XDG_DATA_HOME nor HOME is set",
                     "set HOME");
  }
  const fs::FileStatus status = status_of(config);
  require_private(status, config.file);
  const Record record = record_of(config, *directory, status.user);
  fs::make_directories(record.place.parent_path());
  fs::AtomicFile file(record.place);
  file.write(as_bytes(record.text));
  file.commit();
}

bool revoke(const Config& config, const Environment& environment) {
  const auto directory = records(environment);
  if (!directory) {
    return false;
  }
  const std::filesystem::path place = directory_of(*directory, whole_name(config.file));
  if (!fs::status(place)) {
    return false;
  }
  fs::remove_tree(place);
  fs::sync_directory(*directory);
  return true;
}

} // namespace savepoint::trust
