#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

namespace savepoint::fs {

/// A file of lines to which many processes append at once. When it has grown it is put aside as
/// `<path>.1`, what was that as `<path>.2`, and so on; the oldest is lost.
///
/// Nobody waits for anybody: a line is one write at the end of the file, and who finds that another
/// is just putting the file aside leaves it to him.
class LineLog {
public:
  struct Limits {
    std::uint64_t size = std::uint64_t{1} << 20U; ///< From here on it is put aside.
    unsigned kept = 3;                            ///< So many are kept aside.
  };
  explicit LineLog(std::filesystem::path path) : LineLog(std::move(path), Limits()) {}
  LineLog(std::filesystem::path path, Limits limits) : path_(std::move(path)), limits_(limits) {}

  /// Appends `line`, which ends with its only newline, without any fsync. What a writer who died
  /// left of a line stays a line by itself.
  ///
  /// Throws IoError; BusyError where space is used up. A part of the line may be there then.
  void append(std::string_view line) const;

  enum class Go { on, no_further };
  /// Shows what is in the files, the newest first, each to its end.
  void read(const std::function<Go(ByteView content)>& visit) const;

private:
  [[nodiscard]] std::filesystem::path put_aside_as(unsigned number) const;
  void put_aside_if_grown(int file) const;

  std::filesystem::path path_;
  Limits limits_;
};

} // namespace savepoint::fs
