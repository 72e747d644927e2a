#include "fs/tree_writer.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "fs/internal/portable.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

using namespace savepoint;
using namespace savepoint::fs;
using test::TemporaryDirectory;
using test::write_file;

namespace {

/// A project with a secret beside it and links that lead there.
struct Trap {
  Trap() {
    write_file(place / "outside/secret", "secret");
    write_file(place / "root/inside/deep/file", "file");
    REQUIRE(symlink("../outside", (place / "root/link").c_str()) == 0);
    REQUIRE(symlink("../../outside", (place / "root/inside/link").c_str()) == 0);
    REQUIRE(symlink("inside", (place / "root/link_within").c_str()) == 0);
    root = open_directory(place / "root");
  }

  TemporaryDirectory place;
  Descriptor root;
};

int error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const IoError& error) {
    return error.error_number();
  }
  return 0;
}

} // namespace

TEST_CASE("a name that could mean another place is not a component") {
  CHECK(is_component("a"));
  CHECK(is_component("..."));
  CHECK(is_component("a\nb\xff"));
  CHECK(is_component(std::string(255, 'a')));
  CHECK_FALSE(is_component(""));
  CHECK_FALSE(is_component("."));
  CHECK_FALSE(is_component(".."));
  CHECK_FALSE(is_component("a/b"));
  CHECK_FALSE(is_component("/"));
  CHECK_FALSE(is_component(std::string_view("a\0b", 3)));
  CHECK_FALSE(is_component(std::string(256, 'a')));
}

TEST_CASE("a path that could lead out, or be read in two ways, is not safe") {
  CHECK(is_safe_path("a"));
  CHECK(is_safe_path("a/b/c"));
  for (const std::string_view path : {"", "/", "/a", "a/", "a//b", "./a", "a/.", "..", "../a",
                                      "a/..", "a/../b", "a/b/../../.."}) {
    CAPTURE(path);
    CHECK_FALSE(is_safe_path(path));
  }
}

TEST_CASE("directories below a root are opened, and the root itself by an empty path") {
  const Trap trap;

  const auto deep = open_beneath(trap.root, "inside/deep");

  REQUIRE(deep);
  CHECK(status_of(*deep) == fs::status(trap.place / "root/inside/deep"));
  CHECK(status_of(*open_beneath(trap.root, "")) == status_of(trap.root));
}

TEST_CASE("a symlink anywhere in a path is never followed") {
  const Trap trap;

  for (const std::string_view path : {"link", "inside/link", "link_within", "link_within/deep",
                                      "link/secret", "inside/link/secret"}) {
    CAPTURE(path);
    CHECK_FALSE(open_beneath(trap.root, path));
    CHECK_FALSE(internal::open_beneath_step_by_step(trap.root.number(), path));
  }
}

TEST_CASE("a path that leads out of the root is refused before anything is opened") {
  const Trap trap;

  for (const std::string_view path :
       {"..", "../outside", "inside/../../outside", "/etc", "inside/"}) {
    CAPTURE(path);
    CHECK_THROWS_AS(open_beneath(trap.root, path), IoError);
    CHECK_THROWS_AS(make_beneath(trap.root, path), IoError);
  }
}

TEST_CASE("what is missing or not a directory is nothing") {
  const Trap trap;

  CHECK_FALSE(open_beneath(trap.root, "missing"));
  CHECK_FALSE(open_beneath(trap.root, "missing/below"));
  CHECK_FALSE(open_beneath(trap.root, "inside/deep/file"));
  CHECK_FALSE(open_beneath(trap.root, "inside/deep/file/below"));
}

TEST_CASE("a path longer than the system takes at once is made and opened all the same") {
  const Trap trap;
  std::string path = "inside";
  for (int i = 0; i < 40; ++i) {
    path += "/" + std::string(200, 'x');
  }

  const Descriptor made = make_beneath(trap.root, path);

  CHECK(status_of(*open_beneath(trap.root, path)) == status_of(made));
}

TEST_CASE("missing directories are made, those there are used") {
  const Trap trap;

  (void)make_beneath(trap.root, "inside/new/newer");
  (void)make_beneath(trap.root, "inside/new/newer");

  CHECK(fs::status(trap.place / "root/inside/new/newer")->kind == FileKind::directory);
}

TEST_CASE("directories are never made through a symlink or over a file") {
  const Trap trap;

  CHECK_THROWS_AS(make_beneath(trap.root, "link/new"), IoError);
  CHECK_THROWS_AS(make_beneath(trap.root, "inside/link/new"), IoError);
  CHECK_THROWS_AS(make_beneath(trap.root, "inside/deep/file/new"), IoError);
  CHECK(list_names(trap.place / "outside") == std::vector<std::string>{"secret"});
}

TEST_CASE("a file is created only where nothing is, not even a dangling symlink") {
  const Trap trap;
  make_symlink_at(trap.root, "planted", "../outside/new");

  CHECK(error_of([&] { (void)create_file_at(trap.root, "planted", 0600); }) == EEXIST);
  CHECK(error_of([&] { (void)create_file_at(trap.root, "inside", 0600); }) == EEXIST);

  CHECK_FALSE(fs::status(trap.place / "outside/new"));
}

TEST_CASE("a new file has no more permissions than asked for, from the start") {
  const Trap trap;
  const mode_t before = umask(0);

  (void)create_file_at(trap.root, "private", 0600);
  (void)create_file_at(trap.root, "read only", 0400);
  (void)create_file_at(trap.root, "privileged", 06755);
  umask(before);

  CHECK(status_at(trap.root.number(), "private")->mode == 0600U);
  CHECK(status_at(trap.root.number(), "read only")->mode == 0400U);
  CHECK(status_at(trap.root.number(), "privileged")->mode == 0755U);
}

TEST_CASE("bytes written apart leave a hole that reads as zeros") {
  const Trap trap;
  const Descriptor file = create_file_at(trap.root, "sparse", 0600);

  write_at(file, as_bytes("end"), std::uint64_t{10} << 20U);
  write_at(file, as_bytes("start"), 0);
  set_size(file, std::uint64_t{20} << 20U);

  CHECK(status_of(file).size == std::uint64_t{20} << 20U);
  CHECK(status_of(file).allocated < 1U << 20U);
  CHECK(read_at(file, 0, 6, "sparse") == to_bytes(std::string("start\0", 6)));
  CHECK(read_at(file, std::uint64_t{10} << 20U, 4, "sparse") == to_bytes(std::string("end\0", 4)));
}

TEST_CASE("symlinks keep their target byte for byte, and fifos their mode") {
  const Trap trap;
  make_symlink_at(trap.root, "strange", "not\nutf8 \xff/../..");
  make_fifo_at(trap.root, "fifo", 0666);

  CHECK(try_read_link_at(trap.root.number(), "strange").value == "not\nutf8 \xff/../..");
  CHECK(status_at(trap.root.number(), "fifo")->kind == FileKind::fifo);
  CHECK(status_at(trap.root.number(), "fifo")->mode == 0666U);
  CHECK_THROWS_AS(make_symlink_at(trap.root, "strange", "again"), IoError);
  CHECK_THROWS_AS(make_fifo_at(trap.root, "fifo", 0600), IoError);
}

TEST_CASE("a hard link to a symlink is a link to the symlink, not to what it points to") {
  const Trap trap;
  const Descriptor inside = *open_beneath(trap.root, "inside");
  make_hard_link_at(trap.root, "link", inside, "second");

  CHECK(status_at(inside.number(), "second") == status_at(trap.root.number(), "link"));
  CHECK(status_at(inside.number(), "second")->kind == FileKind::symlink);
}

TEST_CASE("renaming to a new name never replaces anything") {
  const Trap trap;
  write_file(trap.place / "root/file", "file");
  write_file(trap.place / "root/other", "other");
  REQUIRE(mkdir((trap.place / "root/empty").c_str(), 0755) == 0);
  REQUIRE(mkdir((trap.place / "root/directory").c_str(), 0755) == 0);
  const int root = trap.root.number();

  CHECK(error_of([&] { rename_new_at(trap.root, "file", trap.root, "other"); }) == EEXIST);
  CHECK(error_of([&] { rename_new_at(trap.root, "directory", trap.root, "empty"); }) == EEXIST);
  CHECK(error_of([&] { rename_new_at(trap.root, "missing", trap.root, "new"); }) == ENOENT);
  CHECK(internal::rename_new_in_steps(root, "file", root, "other") == EEXIST);
  CHECK(internal::rename_new_in_steps(root, "directory", root, "empty") == EEXIST);
  CHECK(internal::rename_new_in_steps(root, "missing", root, "new") == ENOENT);
  CHECK(test::read_file(trap.place / "root/other") == "other");
  CHECK(test::read_file(trap.place / "root/file") == "file");
}

TEST_CASE("renaming to a new name moves files, directories and symlinks as they are") {
  const Trap trap;
  const Descriptor inside = *open_beneath(trap.root, "inside");
  const auto in_steps = GENERATE(false, true);
  const auto move = [&](const char* from, const char* to) {
    if (in_steps) {
      REQUIRE(internal::rename_new_in_steps(trap.root.number(), from, inside.number(), to) == 0);
    } else {
      rename_new_at(trap.root, from, inside, to);
    }
  };
  write_file(trap.place / "root/file", "file");
  write_file(trap.place / "root/directory/x", "x");

  move("file", "file 2");
  move("directory", "directory 2");
  move("link", "link 2");

  CHECK(test::read_file(trap.place / "root/inside/file 2") == "file");
  CHECK(test::read_file(trap.place / "root/inside/directory 2/x") == "x");
  CHECK(fs::status(trap.place / "root/inside/link 2")->kind == FileKind::symlink);
  CHECK(list_names(trap.place / "root") == std::vector<std::string>{"inside", "link_within"});
}

TEST_CASE("exchanging two names exchanges what they name, of whatever kind") {
  const Trap trap;
  const Descriptor inside = *open_beneath(trap.root, "inside");
  const auto in_steps = GENERATE(false, true);
  write_file(trap.place / "root/file", "file");

  if (in_steps) {
    REQUIRE(internal::exchange_in_steps(trap.root.number(), "file", inside.number(), "deep") == 0);
  } else {
    exchange_at(trap.root, "file", inside, "deep");
  }

  CHECK(test::read_file(trap.place / "root/inside/deep") == "file");
  CHECK(test::read_file(trap.place / "root/file/file") == "file");
  CHECK(list_names(trap.place / "root").size() == 4);
  CHECK(list_names(trap.place / "root/inside").size() == 2);
}

TEST_CASE("an exchange with a missing name changes nothing") {
  const Trap trap;
  write_file(trap.place / "root/file", "file");
  const int root = trap.root.number();

  CHECK(error_of([&] { exchange_at(trap.root, "file", trap.root, "missing"); }) == ENOENT);
  CHECK(error_of([&] { exchange_at(trap.root, "missing", trap.root, "file"); }) == ENOENT);
  CHECK(internal::exchange_in_steps(root, "file", root, "missing") == ENOENT);
  CHECK(internal::exchange_in_steps(root, "missing", root, "file") == ENOENT);
  CHECK(test::read_file(trap.place / "root/file") == "file");
  CHECK(list_names(trap.place / "root").size() == 4);
}

TEST_CASE("files, directories and their file system can be made durable") {
  const Trap trap;
  const Descriptor file = create_file_at(trap.root, "file", 0600);

  CHECK_NOTHROW(sync_descriptor(file, "file"));
  CHECK_NOTHROW(sync_descriptor(trap.root, "root"));
  CHECK_NOTHROW(sync_file_system(trap.root));
  CHECK_THROWS_AS(sync_descriptor(Descriptor(), "nothing"), IoError);
}
