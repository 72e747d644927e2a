#include "support/test_project.hpp"

namespace savepoint::test {

TestProject::TestProject() : root_(directory_ / "project") {
  std::filesystem::create_directories(root_);
  std::filesystem::create_directories(home());
  git("init -q -b main .");
  git("config user.name Test");
  git("config user.email test@example.org");
}

void TestProject::write(std::string_view path, std::string_view content) const {
  write_file(root_ / path, content);
}

std::string TestProject::git(const std::string& arguments) const {
  return shell("HOME='" + home().string() + "' GIT_CONFIG_NOSYSTEM=1 git " + arguments);
}

std::string TestProject::shell(const std::string& command) const {
  return test::shell(root_, command);
}

void TestProject::commit_all() const {
  git("add -A && git commit -q --allow-empty -m all");
}

} // namespace savepoint::test
