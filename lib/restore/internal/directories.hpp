#pragma once

#include "fs/descriptor.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace savepoint::restore {

/// Opens directories below a root, never through a symlink, and keeps the last one: paths come in
/// an order in which neighbours share it.
class Directories {
public:
  /// `root` must outlive it.
  explicit Directories(const fs::Descriptor& root) : root_(&root) {}

  /// Null if there is no such directory. Valid until the next call.
  [[nodiscard]] const fs::Descriptor* find(std::string_view path);
  /// The directory that `path` is in, by the same rules.
  [[nodiscard]] const fs::Descriptor* find_parent(std::string_view path);
  /// Throws BusyError if there is no such directory: somebody took it away.
  [[nodiscard]] const fs::Descriptor& at(std::string_view path);
  /// To be called after directories came or went.
  void forget() { current_.reset(); }

private:
  struct Opened {
    std::string path;
    std::optional<fs::Descriptor> descriptor;
  };

  const fs::Descriptor* root_;
  std::optional<Opened> current_;
};

} // namespace savepoint::restore
