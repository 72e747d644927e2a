#pragma once

#include "fs/files.hpp"
#include "fs/status.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <utility>

namespace savepoint::test {

/// Everything about the files below `top` that must come back, one line each: kind, mode, time to
/// the nanosecond, content or target, attributes, and the first of the names that share the file.
/// What is below a `.git`, and databases with their companions, are not in it.
class ExactState {
public:
  enum class Times { of_everything, of_files };

  explicit ExactState(const std::filesystem::path& top, Times times = Times::of_everything)
      : times_(times) {
    add(top, "");
  }
  [[nodiscard]] std::string text() const { return text_.str(); }
  friend bool operator==(const ExactState& a, const ExactState& b) { return a.text() == b.text(); }
  friend std::ostream& operator<<(std::ostream& out, const ExactState& state) {
    return out << state.text();
  }

private:
  void add(const std::filesystem::path& top, const std::string& path) {
    const std::filesystem::path at = path.empty() ? top : top / path;
    const fs::FileStatus status = fs::status(at).value();
    const bool is_directory = status.kind == fs::FileKind::directory;
    text_ << (path.empty() ? "." : path) << " kind " << static_cast<int>(status.kind) << " mode "
          << std::oct << status.mode << std::dec;
    if (times_ == Times::of_everything || !is_directory) {
      text_ << " time " << status.mtime_ns;
    }
    if (status.kind == fs::FileKind::regular) {
      text_ << " same as " << first_name_.emplace(key(status), path).first->second << " bytes "
            << std::hash<std::string_view>()(as_text(fs::read_file(at).value()));
    }
    if (status.kind == fs::FileKind::symlink) {
      text_ << " to " << std::filesystem::read_symlink(at).native();
    }
    if (status.kind == fs::FileKind::regular || is_directory) {
      const fs::Descriptor file = is_directory ? fs::open_directory(at) : fs::open_for_reading(at);
      const auto attributes = fs::try_read_attributes(file);
      for (const auto& attribute : attributes.value.value()) {
        text_ << " " << attribute.name << "=" << attribute.value;
      }
    }
    text_ << "\n";
    if (is_directory) {
      for (const std::string& name : fs::list_names(at)) {
        if (name != ".git" && name.find(".db") == std::string::npos) {
          add(top, path.empty() ? name : path + "/" + name);
        }
      }
    }
  }

  static std::pair<std::uint64_t, std::uint64_t> key(const fs::FileStatus& status) {
    return {status.device, status.inode};
  }

  Times times_;
  std::ostringstream text_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> first_name_;
};

} // namespace savepoint::test
