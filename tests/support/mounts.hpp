#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/mount.h>

namespace savepoint::test {

/// A file system mounted for a test, gone at its end. Only root can have one.
class Mount {
public:
  /// A file system in memory of `size` bytes (tmpfs notation: "4m"); nothing if it cannot be had.
  [[nodiscard]] static std::optional<Mount> memory(const std::filesystem::path& at,
                                                   const std::string& size) {
    std::filesystem::create_directories(at);
    if (mount("tmpfs", at.c_str(), "tmpfs", 0, ("size=" + size + ",mode=0700").c_str()) != 0) {
      return std::nullopt;
    }
    return Mount(at);
  }
  /// `of` again at `at`: the same file system, and another mount.
  [[nodiscard]] static std::optional<Mount> again(const std::filesystem::path& of,
                                                  const std::filesystem::path& at) {
    std::filesystem::create_directories(at);
    if (mount(of.c_str(), at.c_str(), nullptr, MS_BIND, nullptr) != 0) {
      return std::nullopt;
    }
    return Mount(at);
  }
  /// The same, for reading only.
  [[nodiscard]] static std::optional<Mount> read_only(const std::filesystem::path& of,
                                                      const std::filesystem::path& at) {
    std::optional<Mount> made = again(of, at);
    if (made &&
        mount(nullptr, at.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
      return std::nullopt;
    }
    return made;
  }
  ~Mount() {
    if (!at_.empty()) {
      umount2(at_.c_str(), MNT_DETACH);
    }
  }
  Mount(Mount&& other) noexcept : at_(std::move(other.at_)) { other.at_.clear(); }
  Mount& operator=(Mount&&) = delete;

private:
  explicit Mount(std::filesystem::path at) : at_(std::move(at)) {}
  std::filesystem::path at_;
};

} // namespace savepoint::test
