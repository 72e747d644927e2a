#include "project/internal/database_search.hpp"

#include "drivers/all.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "project/internal/file_capture.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace savepoint::project {
namespace {

constexpr int k_deepest = 6; // .wrangler/state/v3/d1/miniflare-D1DatabaseObject/<id>.sqlite
constexpr std::size_t k_most_names = 5000;
constexpr std::size_t k_most_names_in_all = 50'000;

/// The search of one ignored directory.
class Search {
public:
  /// All must outlive the search; `top` is its path.
  Search(const CaptureRules& rules, const std::string& top, IgnoredSearch& result)
      : rules_(&rules), top_(top), result_(&result) {}

  [[nodiscard]] std::size_t names() const { return names_; }

  void open(const fs::Descriptor& parent, const std::string& name, const std::string& path,
            int depth) {
    const auto opened = fs::try_open_directory_at(parent.number(), name.c_str());
    if (opened) {
      look_into(*opened.value, path, depth);
    } else if (opened.error_number != ENOENT && opened.error_number != ENOTDIR &&
               opened.error_number != ELOOP) {
      leave_out(path, reason_of("cannot be searched for databases", opened.error_number));
    }
  }

private:
  /// Files first, so that a heap of folders hides no database beside them.
  void look_into(const fs::Descriptor& directory, const std::string& path, int depth) {
    fs::Attempt<std::vector<fs::DirectoryEntry>> listed = fs::try_list(directory);
    if (!listed) {
      leave_out(path, reason_of("cannot be searched for databases", listed.error_number));
      return;
    }
    std::ranges::sort(*listed.value, {}, &fs::DirectoryEntry::name);
    std::vector<std::string> folders;
    for (const fs::DirectoryEntry& entry : *listed.value) {
      if (names_ == k_most_names) {
        leave_out(top_, "searched for databases no further than its first " +
                            std::to_string(k_most_names) + " names");
        is_over_ = true;
        return;
      }
      ++names_;
      const std::string below = path + "/" + entry.name;
      const std::optional<fs::FileKind> kind = kind_of(directory, entry);
      if (kind == fs::FileKind::directory) {
        if (!is_reserved_name(entry.name) && !is_tool_directory(entry.name) &&
            !rules_->excluded(below, true)) {
          folders.push_back(entry.name);
        }
      } else if (kind == fs::FileKind::regular && !rules_->excluded(below, false)) {
        look_at(directory, entry.name, below);
      }
    }
    for (const std::string& folder : folders) {
      if (is_over_) {
        return;
      }
      if (depth < k_deepest) {
        open(directory, folder, path + "/" + folder, depth + 1);
      } else if (!is_deeper_) { // one of them says it for all
        is_deeper_ = true;
        leave_out(path + "/" + folder, "lies too deep to be searched for databases");
      }
    }
  }

  static std::optional<fs::FileKind> kind_of(const fs::Descriptor& directory,
                                             const fs::DirectoryEntry& entry) {
    if (entry.kind) {
      return entry.kind;
    }
    const auto status = fs::try_status_at(directory.number(), entry.name.c_str());
    return status ? std::optional(status.value->kind) : std::nullopt;
  }

  void look_at(const fs::Descriptor& directory, const std::string& name, const std::string& path) {
    if (rules_->is_config_file(path, name)) {
      leave_out(path, "a settings file in a folder that git ignores; \"include\" in the settings "
                      "of savepoint takes it in");
      return;
    }
    if (!driver_for_name(name) || rules_->is_no_database(path)) {
      return;
    }
    const auto file = fs::try_open_file_at(directory.number(), name.c_str());
    std::array<std::byte, 100> head{};
    const auto got = file ? fs::try_read_at(*file.value, head, 0)
                          : fs::Attempt<std::size_t>{std::nullopt, file.error_number};
    if (got) {
      if (const auto driver = recognise_ignored(name, ByteView(head).first(*got.value))) {
        result_->databases.push_back(
            {path, std::string(drivers::all()[*driver]->name()), *got.value == 0});
      }
    } else if (got.error_number != ENOENT) {
      result_->left_out.push_back({path, reason_of("cannot be read", got.error_number), true});
    }
  }

  /// No error: whose data it is, such as that of a server in a container, is not known.
  void leave_out(std::string_view path, std::string reason) {
    result_->left_out.push_back({std::string(path), std::move(reason), false});
  }

  const CaptureRules* rules_;
  std::string_view top_;
  IgnoredSearch* result_;
  std::size_t names_ = 0;
  bool is_over_ = false;
  bool is_deeper_ = false;
};

} // namespace

IgnoredSearch search_ignored(const Project& project, const CaptureRules& rules,
                             std::vector<std::string> directories) {
  IgnoredSearch result;
  std::ranges::sort(directories);
  const fs::Descriptor root = fs::open_directory(project.root());
  std::size_t names = 0;
  for (const std::string& path : directories) {
    if (names >= k_most_names_in_all) {
      result.left_out.push_back({path,
                                 "the search of ignored folders for databases ended before it, "
                                 "after " +
                                     std::to_string(names) + " names",
                                 false});
      break;
    }
    const std::size_t slash = path.rfind('/');
    const std::string above = slash == std::string::npos ? "" : path.substr(0, slash);
    if (const std::optional<fs::Descriptor> parent = fs::open_beneath(root, above)) {
      Search search(rules, path, result);
      search.open(*parent, path.substr(slash + 1), path, 1);
      names += search.names();
    }
  }
  return result;
}

} // namespace savepoint::project
