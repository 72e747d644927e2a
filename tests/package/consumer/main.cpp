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

int main(int, char** argv) try {
  const std::filesystem::path root = argv[1];
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
