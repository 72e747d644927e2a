#pragma once

#include <cstdint>
#include <string_view>

namespace savepoint {

/// Hears how far long work has come. The library never prints; whoever calls it decides.
///
/// Called from several threads at once and often: implementations must be thread-safe and cheap.
class Progress {
public:
  virtual ~Progress() = default;
  /// A new stage begins, such as "reading files". `total_bytes` may be a guess; it is 0
  /// where nothing is known.
  virtual void stage(std::string_view name, std::uint64_t total_bytes) = 0;
  /// So much more of the stage is done.
  virtual void advance(std::uint64_t files, std::uint64_t bytes) = 0;
};

/// For callers who do not want to know.
class NoProgress final : public Progress {
public:
  void stage(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t, std::uint64_t) override {}
};

} // namespace savepoint
