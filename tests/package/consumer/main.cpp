// What the executables do, a program can do.
#include <savepoint/savepoint.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

void expect(const std::filesystem::path& file, const std::string& content) {
  std::string found;
  std::getline(std::ifstream(file), found);
  if (found != content) {
    std::cerr << file << " holds '" << found << "'\n";
    std::exit(1);
  }
}

template <typename Error, typename Work> void expect_thrown(const Work& work) {
  try {
    work();
  } catch (const Error&) {
    return;
  }
  std::cerr << "an error that was expected did not come\n";
  std::exit(1);
}

/// Before there is a store there is nothing to complain about; what a snapshot needed goes with it.
void use_git(const std::filesystem::path& root) {
  std::filesystem::create_directories(root);
  const std::string git = "git -C '" + root.string() + "' ";
  if (std::system((git + "init -q && " + git +
                   "-c user.name=a -c user.email=a@example.org commit -q --allow-empty -m one")
                      .c_str()) != 0) {
    std::exit(1);
  }
  savepoint::Project project(root, {.store = root.parent_path() / "store-of-git"});
  if (!project.verify().ok() || !project.prune().kept.empty() || !project.snapshots().empty()) {
    std::cerr << "there is something in a store that is not there\n";
    std::exit(1);
  }
  expect_thrown<savepoint::NotFoundError>([&] { project.undo(); });
  expect_thrown<savepoint::UsageError>([&] { project.snapshot({.tags = {"latest"}}); });
  expect_thrown<savepoint::UsageError>([&] { project.snapshot({.trigger = "safety"}); });
  const auto saved = project.snapshot();
  const auto kept = root / ".git/savepoint-kept";
  const auto commits = [&] {
    std::size_t count = 0;
    if (std::filesystem::exists(kept)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(kept)) {
        count += entry.path().filename().string().size() == 40 ? 1 : 0;
      }
    }
    return count;
  };
  const std::size_t before = commits();
  project.remove(saved.id);
  if (before == 0 || commits() != 0) {
    std::cerr << before << " commits were kept, then " << commits() << '\n';
    std::exit(1);
  }
}

int main(int, char** argv) try {
  const std::filesystem::path root = argv[1];
  use_git(root.parent_path() / "git-project");
  std::filesystem::create_directories(root);
  std::ofstream(root / "app.txt") << "good";
  savepoint::Project project(root, {.store = root.parent_path() / "store"});
  const auto saved = project.snapshot({.note = "before the change", .tags = {"start"}});
  std::ofstream(root / "app.txt") << "broken";
  const auto restored = project.restore("start");
  expect(root / "app.txt", "good");
  project.undo();
  expect(root / "app.txt", "broken");

  const bool is_whole = project.verify({.read_data = true}).ok();
  project.remove(saved.id);
  std::string operations;
  for (const auto& operation : project.operations()) {
    operations += operation.name + (operation.exit_code == 0 ? " " : "? ");
  }
  std::cout << operations << "were logged\n";
  const bool is_logged = operations == "prune verify undo restore snapshot ";
  std::cout << restored.changes.size() << " restored, " << project.snapshots().size() << " left\n";
  return is_whole && is_logged && project.snapshots().size() == 2 ? 0 : 1;
} catch (const savepoint::Error& error) {
  std::cerr << error.what() << "; hint: " << error.hint() << '\n';
  return static_cast<int>(error.exit_code());
}
