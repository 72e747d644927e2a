#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/exact_state.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::ChildProcess;
using test::ExactState;
using test::ScratchProject;

namespace {

constexpr std::size_t k_files = 600;

void write_files(const ScratchProject& project, const std::string& content) {
  for (std::size_t i = 0; i < k_files; ++i) {
    project.write("dir" + std::to_string(i % 7) + "/" + std::to_string(i), content);
  }
}

} // namespace

TEST_CASE("a restore into a directory that was killed leaves a temporary name only") {
  ScratchProject project;
  write_files(project, "then");
  const manifest::Manifest snapshot = project.take();
  const std::filesystem::path copy = project.beside("copy");

  project.close_store();
  ChildProcess child([&] {
    project.open_store();
    restore::restore_to(project.store(), snapshot, copy, {}, project.context());
  });
  while (test::shell(project.beside(""), "find . -path '*partial*/dir*/*' | head -1").empty() &&
         !fs::status(copy)) {
  }
  child.kill_hard();
  const bool was_finished = fs::status(copy).has_value();
  project.open_store();
  if (!was_finished) {
    restore::restore_to(project.store(), snapshot, copy, {}, project.context());
  }

  CHECK(ExactState(copy) == ExactState(project.root()));
  CHECK(test::shell(project.beside(""), "ls -d copy*") == "copy\n");
}
