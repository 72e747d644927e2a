#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/exact_state.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::put_back;
using test::ScratchProject;

TEST_CASE("what a snapshot without git left out stays, although the project has git by now") {
  ScratchProject project;
  project.write("file", "then");
  project.write("build/out", "made");
  const manifest::Manifest snapshot = project.take();
  project.sh("git init -q .; echo now > file");

  test::put_back(project, snapshot);

  CHECK(project.read("file") == "then");
  CHECK(project.read("build/out") == "made");
}

TEST_CASE("ignored files are not touched, and keep their directories") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", "*.log\ncache/\n");
  project.write("file", "1");
  const manifest::Manifest snapshot = project.take();
  project.write("new/file", "captured");
  project.write("new/a.log", "ignored");
  project.write("new/cache/b", "ignored too");
  project.write("c.log", "ignored");

  const auto planned = test::planned(project, snapshot);
  put_back(project, snapshot);

  CHECK(planned == std::vector<std::string>{"remove new/file"});
  CHECK_FALSE(project.has("new/file"));
  CHECK(project.read("new/a.log") == "ignored");
  CHECK(project.read("new/cache/b") == "ignored too");
  CHECK(project.read("c.log") == "ignored");
}

TEST_CASE("what the snapshot would have ignored is not removed") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", "data/\n");
  project.write("sub/.gitignore", "/results\n*.out\n!keep.out\n");
  project.write("data/precious", "years of work");
  project.write("sub/results/precious", "more of it");
  project.write("sub/x.out", "and more");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm .gitignore sub/.gitignore"); // so that all is captured now
  project.write("sub/keep.out", "never ignored");
  project.write("extra", "new");

  put_back(project, snapshot);

  CHECK(project.read("data/precious") == "years of work");
  CHECK(project.read("sub/results/precious") == "more of it");
  CHECK(project.read("sub/x.out") == "and more");
  CHECK(project.read(".gitignore") == "data/\n");
  CHECK_FALSE(project.has("sub/keep.out"));
  CHECK_FALSE(project.has("extra"));
}

TEST_CASE("what the snapshot's own configuration excluded is not removed") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("savepoint.json", R"({"exclude": ["results/"]})");
  project.write("results/one", "kept");
  const manifest::Manifest snapshot = project.take();
  project.write("savepoint.json", "{}");

  put_back(project, snapshot);

  CHECK(project.read("results/one") == "kept");
}

TEST_CASE("an ignored file in the way is never overwritten") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("notes.txt", "then");
  project.write("other", "then");
  const manifest::Manifest snapshot = project.take();
  project.write(".gitignore", "notes.txt\n");
  project.write("notes.txt", "now, and in no snapshot");
  project.write("other", "now");

  CHECK_THROWS_AS(put_back(project, snapshot), RefusedError);
  CHECK(project.read("other") == "now");

  restore::Request partial;
  partial.partial = true;
  const restore::Restored restored = put_back(project, snapshot, partial);
  CHECK(restored.missing == std::vector<std::string>{"notes.txt"});
  CHECK(project.read("notes.txt") == "now, and in no snapshot");
  CHECK(project.read("other") == "then");
}

TEST_CASE("a file does not replace a directory that holds ignored files") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", "*.log\n");
  project.write("thing", "a file");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm thing");
  project.write("thing/a.log", "ignored");

  CHECK_THROWS_AS(put_back(project, snapshot), RefusedError);

  CHECK(project.read("thing/a.log") == "ignored");
}

TEST_CASE("git's own directory and its index stay as they are") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("file", "1");
  project.sh("git add file && git commit -q -m one");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "2");
  project.sh("git commit -q -a -m two; printf staged > other; git add other");
  const std::string index = test::read_file(project / ".git/index");

  put_back(project, snapshot);

  CHECK(project.read("file") == "1");
  CHECK(project.sh("git log --format=%s") == "two\none\n");
  CHECK(test::read_file(project / ".git/index") == index);
}
