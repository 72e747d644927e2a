#include "drivers/sqlite/driver.hpp"

#include "base/ascii.hpp"
#include "drivers/sqlite/internal/capture.hpp"
#include "drivers/sqlite/internal/fingerprint.hpp"
#include "drivers/sqlite/internal/place.hpp"
#include "drivers/sqlite/internal/restoration.hpp"
#include "fs/status.hpp"
#include "sqlite/header.hpp"

#include <algorithm>
#include <span>

namespace savepoint::drivers::sqlite {

namespace {

constexpr std::array<std::string_view, 6> k_likely_endings{".db",  ".sqlite", ".sqlite3",
                                                           ".db3", ".s3db",   ".sl3"};

std::vector<std::string> with_suffixes(std::string_view name,
                                       std::span<const std::string_view> suffixes) {
  std::vector<std::string> names;
  for (const std::string_view suffix : suffixes) {
    names.push_back(std::string(name) + std::string(suffix));
  }
  return names;
}

class SqliteDriver final : public database::Driver {
public:
  [[nodiscard]] std::string_view name() const override { return "sqlite"; }

  [[nodiscard]] database::Capabilities capabilities() const override {
    return {.captures_online = true, .restores_in_place = true, .recognises_unchanged = true};
  }

  [[nodiscard]] std::optional<std::string> fingerprint(const database::Target& target,
                                                       Timestamp now) const override {
    return sqlite::fingerprint(target, now);
  }

  [[nodiscard]] bool is_database(const database::Target& target) const override {
    return sqlite::is_database(target);
  }

  [[nodiscard]] std::unique_ptr<database::Capture>
  open_capture(const database::Target& target, const std::filesystem::path& scratch,
               std::chrono::milliseconds wait, const Cancellation& cancellation) const override {
    return sqlite::open_capture(target, scratch, wait, cancellation);
  }

  [[nodiscard]] std::unique_ptr<database::Restoration>
  open_restoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                   const database::RestorationOptions& options) const override {
    return sqlite::open_restoration(target, expected, options);
  }

  [[nodiscard]] std::unique_ptr<database::Restoration>
  open_rehearsal(const database::Target&, const manifest::DatabaseComponent& expected,
                 const database::RestorationOptions& options) const override {
    return sqlite::open_rehearsal(options.scratch, expected);
  }

  [[nodiscard]] Presence presence(const database::Target& target) const override {
    const std::optional<fs::FileStatus> status = fs::status(target.file);
    if (!status) {
      return Presence::missing;
    }
    return status->size == 0 ? Presence::empty : Presence::filled;
  }

  [[nodiscard]] std::vector<std::string> companions(std::string_view file_name) const override {
    return with_suffixes(file_name, k_companion_suffixes);
  }
  [[nodiscard]] std::vector<std::string> logs(std::string_view file_name) const override {
    return with_suffixes(file_name, k_log_suffixes);
  }

  [[nodiscard]] bool recognises(ByteView head) const override {
    return as_text(head).starts_with(savepoint::sqlite::k_database_magic);
  }

  [[nodiscard]] bool is_likely_name(std::string_view file_name) const override {
    const std::string name = lower(file_name);
    return std::ranges::any_of(k_likely_endings,
                               [&](std::string_view ending) { return name.ends_with(ending); });
  }
};

} // namespace

std::unique_ptr<database::Driver> make_sqlite_driver() {
  return std::make_unique<SqliteDriver>();
}

} // namespace savepoint::drivers::sqlite
