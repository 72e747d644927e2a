// What the executables do, a program can do: snapshot, damage, restore, undo, verify, prune.
#include <savepoint/savepoint.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

void expect(const std::filesystem::path& file, const std::string& content) {
  std::string found;
  std::getline(std::ifstream(file), found);
  if (found != content) {
    throw std::runtime_error("expected '" + content + "', found '" + found + "'");
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

  const bool whole = project.verify({.read_data = true}).ok();
  project.remove(saved.id);
  std::cout << saved.id << ": " << restored.changes.size() << " restored, " << whole << ", "
            << project.snapshots().size() << " left\n";
  return whole && project.snapshots().size() == 2 ? 0 : 1;
} catch (const savepoint::Error& error) {
  std::cerr << error.what() << "; hint: " << error.hint() << '\n';
  return static_cast<int>(error.exit_code());
}
