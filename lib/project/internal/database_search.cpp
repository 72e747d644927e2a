#include "project/internal/database_search.hpp"

#include "drivers/all.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "project/internal/file_capture.hpp"

#include <algorithm>
#include <array>

namespace savepoint::project {
namespace {

constexpr int k_deepest = 6; // .wrangler/state/v3/d1/miniflare-D1DatabaseObject/<id>.sqlite
constexpr std::size_t k_most_names = 5000;

class Search {
public:
  Search(const CaptureRules& rules, std::vector<FoundDatabase>& found)
      : rules_(&rules), found_(&found) {}

  void look_into(const fs::Descriptor& directory, const std::string& path, int depth) {
    const fs::Attempt<std::vector<fs::DirectoryEntry>> listed = fs::try_list(directory);
    if (!listed) {
      return;
    }
    for (const fs::DirectoryEntry& entry : *listed.value) {
      if (++names_ > k_most_names) {
        return;
      }
      const std::string below = path + "/" + entry.name;
      if (entry.kind == fs::FileKind::directory) {
        if (depth < k_deepest && !is_reserved_name(entry.name) && !is_tool_directory(entry.name) &&
            !rules_->excluded(below, true)) {
          if (const auto child =
                  fs::try_open_directory_at(directory.number(), entry.name.c_str())) {
            look_into(*child.value, below, depth + 1);
          }
        }
      } else if (!rules_->excluded(below, false)) {
        look_at(directory, entry.name, below);
      }
    }
  }

private:
  void look_at(const fs::Descriptor& directory, const std::string& name, const std::string& path) {
    const auto drivers = drivers::all();
    const bool likely = std::ranges::any_of(
        drivers, [&](const database::Driver* driver) { return driver->is_likely_name(name); });
    if (!likely || rules_->is_no_database(path)) {
      return;
    }
    const auto file = fs::try_open_file_at(directory.number(), name.c_str());
    if (!file) {
      return;
    }
    std::array<std::byte, 100> head{};
    const auto got = fs::try_read_at(*file.value, head, 0);
    const auto driver = got ? recognise(ByteView(head).first(*got.value)) : std::nullopt;
    if (driver) {
      found_->push_back({path, std::string(drivers[*driver]->name())});
    }
  }

  const CaptureRules* rules_;
  std::vector<FoundDatabase>* found_;
  std::size_t names_ = 0;
};

} // namespace

std::vector<FoundDatabase> search_ignored(const Project& project, const CaptureRules& rules,
                                          const std::vector<std::string>& directories) {
  std::vector<FoundDatabase> found;
  Search search(rules, found);
  const fs::Descriptor root = fs::open_directory(project.root());
  for (const std::string& path : directories) {
    if (const std::optional<fs::Descriptor> directory = fs::open_beneath(root, path)) {
      search.look_into(*directory, path, 1);
    }
  }
  return found;
}

} // namespace savepoint::project
