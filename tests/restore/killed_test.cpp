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

std::size_t count_of(const ScratchProject& project, const std::string& content) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < k_files; ++i) {
    const std::string path = "dir" + std::to_string(i % 7) + "/" + std::to_string(i);
    count += project.read(path) == content ? 1U : 0U;
  }
  return count;
}

} // namespace

TEST_CASE("after a restore that was killed in the middle, it or its undo can be done") {
  ScratchProject project;
  write_files(project, "then");
  const manifest::Manifest snapshot = project.take();
  const ExactState then(project.root());
  write_files(project, "now");
  project.sh("touch -d 2020-01-01 dir* .");
  const ExactState now(project.root());
  const bool forwards = GENERATE(true, false);
  CAPTURE(forwards);

  project.close_store();
  ChildProcess child([&] {
    project.open_store();
    test::put_back(project, snapshot);
  });
  while (project.read("dir3/3") == "now") { // the middle of the project
  }
  child.kill_hard();
  project.open_store();
  const std::size_t done = count_of(project, "then");
  INFO(done << " of " << k_files << " files were in place");
  if (forwards) {
    test::put_back(project, snapshot);
  } else {
    test::undo(project);
  }

  CHECK(ExactState(project.root()) == (forwards ? then : now));
  CHECK_FALSE(test::has_leftovers(project));
}

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
