#include "support/catch.hpp"
#include "support/exact_state.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::ExactState;
using test::put_back;
using test::ScratchProject;
using Strings = std::vector<std::string>;

namespace {

/// One of everything that a file system offers.
void make_everything(const ScratchProject& project) {
  project.write("plain", "plain content");
  project.write("empty", "");
  project.write("dir/deep/er/file", "deep");
  project.sh("mkdir -p hollow/inside");
  project.sh("ln -s plain link && ln -s nowhere/at/all dangling && ln -s /etc absolute");
  project.sh("ln -s dir link_to_directory");
  project.sh("ln plain linked && ln plain dir/linked_too");
  project.sh("mkfifo -m 640 pipe");
  project.sh("chmod 750 dir && chmod 600 dir/deep/er/file");
  project.sh("printf x > \"$(printf 'new\\nline')\"; printf y > \"$(printf 'by\\377te')\"");
  project.sh("truncate -s 3M sparse; printf middle | dd of=sparse bs=1 seek=1500000 "
             "conv=notrunc status=none");
  project.sh("head -c 1500000 /dev/urandom > large");
  project.sh("setfattr -n user.colour -v green plain; setfattr -n user.of -v dir dir || true");
  project.sh("touch -d '1969-07-20 20:17:40.123456789Z' dir/deep/er/file");
  project.sh("touch -h -d '2001-09-09 01:46:40.5Z' dangling; touch -d '2105-01-01 00:00:00.25Z' "
             "empty pipe");
  project.sh("touch -d '2020-02-02 02:02:02.020202Z' hollow/inside hollow dir/deep/er dir/deep");
}

} // namespace

TEST_CASE("a project that was destroyed comes back exactly") {
  ScratchProject project;
  make_everything(project);
  project.sh("touch -d '2020-01-01 01:01:01.1Z' dir .");
  const ExactState before(project.root());
  const manifest::Manifest snapshot = project.take();

  project.sh("rm -rf ./* ");
  put_back(project, snapshot);

  CHECK(ExactState(project.root()) == before);
  CHECK_FALSE(test::has_leftovers(project));
  CHECK(test::planned(project, snapshot).empty());
}

TEST_CASE("every kind of damage is put right") {
  ScratchProject project;
  make_everything(project);
  const ExactState before(project.root());
  const manifest::Manifest snapshot = project.take();
  const std::string damage = GENERATE(
      "printf other > plain", "rm plain", "chmod 400 plain", "touch -d 2000-01-01 plain",
      "rm link; ln -s other link", "rm link; printf file > link", "rm link; mkdir link",
      "rm link; mkdir link; printf in > link/in", "rm -r dir; printf now-a-file > dir",
      "rm -r dir; ln -s hollow dir", "rm plain; mkdir -p plain/with; printf a > plain/with/files",
      "rmdir hollow/inside", "printf added > dir/added", "mkdir -p more/and; printf m > more/and/m",
      "mv plain PLAIN", "chmod 700 dir", "rm pipe; printf no-pipe > pipe", "rm linked",
      "rm linked; cp -p plain linked", "printf x >> linked", "ln empty another_name",
      "cp -p sparse full; mv full sparse; printf y >> sparse", "chmod 640 linked",
      "setfattr -n user.colour -v red plain", "setfattr -x user.of dir",
      "setfattr -n user.more -v x large", "touch -h -d 2000-01-01 dangling", "chmod 600 pipe",
      "mv dir/deep/er hollow/", "rm dangling; ln -s /etc dangling", "rm empty; ln plain empty",
      "printf x | dd of=large bs=1 seek=700000 conv=notrunc status=none");
  CAPTURE(damage);

  project.sh(damage);
  const Strings planned = test::planned(project, snapshot);
  const restore::Restored restored = put_back(project, snapshot);

  CHECK(ExactState(project.root()) == before);
  CHECK_FALSE(planned.empty());
  CHECK(test::listed(restored.changes) == planned);
  CHECK(test::planned(project, snapshot).empty());
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("a restore that has nothing to do does nothing") {
  ScratchProject project;
  make_everything(project);
  const manifest::Manifest snapshot = project.take();

  const restore::Restored restored = put_back(project, snapshot);

  CHECK(restored.changes.empty());
  CHECK_FALSE(restored.safety);
  CHECK(project.store().snapshots().size() == 1);
}

TEST_CASE("a sparse file comes back with its holes") {
  ScratchProject project;
  project.sh("truncate -s 200M sparse; printf end >> sparse");
  const manifest::Manifest snapshot = project.take();

  project.sh("rm sparse");
  put_back(project, snapshot);

  const fs::FileStatus status = fs::status(project / "sparse").value();
  CHECK(status.size == 200U * 1024 * 1024 + 3);
  CHECK(status.allocated < 1024U * 1024);
}

TEST_CASE("many files come back exactly") {
  ScratchProject project;
  project.sh("for d in $(seq 40); do mkdir -p a$d/b; for f in $(seq 10); do echo $d.$f > a$d/$f; "
             "echo $f > a$d/b/$f; done; done");
  const ExactState before(project.root());
  const manifest::Manifest snapshot = project.take();

  project.sh("rm -rf a1* a2*/b; for f in a3/*; do [ -f $f ] && echo changed > $f; done; true");
  put_back(project, snapshot);

  CHECK(ExactState(project.root()) == before);
}
