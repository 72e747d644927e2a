#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::discovery {

/// Reads the files of a project. Each directory is listed once, and only if the one above has it;
/// directories behind symbolic links are not entered. Paths are below the root, "" is the root.
class ProjectFiles {
public:
  /// `notes` gets what could not be read, and must outlive this object.
  ProjectFiles(std::filesystem::path root, std::vector<std::string>& notes)
      : root_(std::move(root)), notes_(&notes) {}

  /// The names in a directory; empty if it is none.
  [[nodiscard]] const std::set<std::string, std::less<>>& names(const std::string& directory);
  [[nodiscard]] bool has(const std::string& path);
  /// The content of a file; nothing if it is not there, no file, larger than 1 MiB or unreadable.
  [[nodiscard]] std::optional<std::string> read(const std::string& path);
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  void note(std::string text);

private:
  std::filesystem::path root_;
  std::vector<std::string>* notes_;
  std::map<std::string, std::set<std::string, std::less<>>> listings_;
};

/// `directory` and `name` with a slash between them where one is needed.
[[nodiscard]] std::string joined(std::string_view directory, std::string_view name);
/// What is before the last slash; "" if there is none.
[[nodiscard]] std::string directory_of(std::string_view path);
[[nodiscard]] std::string_view name_of(std::string_view path);
/// `path` as seen from `directory`, `.` and `..` resolved, below the root; nothing if it leads out
/// of it or is absolute.
[[nodiscard]] std::optional<std::string> inner_path(std::string_view directory,
                                                    std::string_view path);

} // namespace savepoint::discovery
