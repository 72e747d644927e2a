#pragma once

#include "base/cancellation.hpp"
#include "fs/descriptor.hpp"
#include "sqlite/connection.hpp"
#include "sqlite/header.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace savepoint::drivers::sqlite {

/// A file of ours that holds a whole database and nothing beside it; removed at the end.
class ImageFile {
public:
  /// Creates an empty file in `directory` (0600) whose name begins with `prefix` and is nobody
  /// else's.
  ImageFile(const std::filesystem::path& directory, std::string_view prefix);
  /// The same in an open directory; `path` is how SQLite finds it.
  ImageFile(fs::Descriptor directory, const std::filesystem::path& path, std::string_view prefix);
  ~ImageFile();
  ImageFile(const ImageFile&) = delete;
  ImageFile& operator=(const ImageFile&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// For reading and writing.
  [[nodiscard]] const fs::Descriptor& file() const { return file_; }
  /// From now on the file stays at the end.
  void release() noexcept { is_released_ = true; }

private:
  std::filesystem::path path_;
  std::string name_;
  fs::Descriptor directory_;
  fs::Descriptor file_;
  bool is_released_ = false;
};

/// Fills `image` with the state that the read transaction of `source` sees, a database in `file`.
///
/// The backup API leaves values of its own in four fields of the first page; they get those of the
/// source wherever these are known for sure, so that an idle database gives its very bytes:
/// docs/drivers/sqlite.md.
void copy_state(savepoint::sqlite::Connection& source, const std::filesystem::path& file,
                const ImageFile& image, std::chrono::milliseconds wait,
                const Cancellation& cancellation);

/// When the state that an open transaction sees was written, as far as the file and its log tell;
/// `otherwise` if they are gone.
[[nodiscard]] std::int64_t last_written(const std::filesystem::path& file, std::int64_t otherwise);

/// Writes the fields of the header that count writers' doings.
void set_writer_fields(const ImageFile& image, const savepoint::sqlite::WriterFields& fields);

} // namespace savepoint::drivers::sqlite
