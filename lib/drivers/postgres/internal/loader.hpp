#pragma once

#include "database/driver.hpp"
#include "drivers/postgres/internal/archive.hpp"
#include "drivers/postgres/internal/programs.hpp"
#include "drivers/postgres/internal/session.hpp"
#include "drivers/postgres/internal/spooled_archive.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

/// What everything that restores needs to know.
struct RestoreRequest {
  database::Target target;
  Access access;
  database::RestorationOptions options;
  const Cancellation& cancellation;
  std::filesystem::path versions;
};

/// Loads an archive into an empty database, through pg_restore: a small one as it comes in, a large
/// one from a file once it is complete, on several connections.
class Loader final : private ArchiveReader {
public:
  /// `program` reads the archive, which has `size` bytes. `request` must outlive the loader.
  Loader(const RestoreRequest& request, Program program, std::string database, std::uint64_t size);

  /// Throws CorruptionError if this is no archive.
  void write(ByteView bytes);
  /// Waits until everything is loaded. Throws CorruptionError for an archive that ends too early,
  /// DatabaseError for what the server refused.
  void finish();

  /// What could not be brought back and was left out.
  [[nodiscard]] const std::vector<std::string>& left_out() const { return left_out_; }
  /// What the archive says of the database itself, which is never loaded. Valid after `finish`.
  [[nodiscard]] std::vector<std::string> attributes() const;

private:
  void begin_of_data(const ArchiveEntry& entry, std::uint64_t after_head) override;
  void data(const ArchiveEntry&, std::uint64_t, ByteView) override {}
  void end_of_data(const ArchiveEntry&, std::uint64_t) override {}

  void begin();
  [[nodiscard]] bool is_to_be_spooled() const;
  [[nodiscard]] bool is_understood() const;
  void start(const std::filesystem::path* archive);
  [[nodiscard]] std::set<std::int64_t> unwanted();
  void send(ByteView bytes);
  void judge(const process::Ended& ended) const;

  const RestoreRequest* request_;
  Program program_;
  std::string database_;
  std::uint64_t size_;
  int server_major_ = 0;
  Bytes first_; // until the head is complete
  std::size_t next_try_;
  std::optional<ArchiveHead> head_;
  std::optional<ArchiveData> data_;
  ClientEnvironment environment_;
  std::optional<SpooledArchive> spooled_;
  std::unique_ptr<process::Child> restore_;
  bool is_listening_ = true;
  std::vector<std::string> left_out_;
};

} // namespace savepoint::drivers::postgres
