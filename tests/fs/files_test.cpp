#include "fs/files.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

using namespace savepoint;
using namespace savepoint::fs;
using test::TemporaryDirectory;
using test::write_file;

TEST_CASE("a file is read whole, whatever is in it") {
  const TemporaryDirectory place;
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 300'000U}) {
    CAPTURE(size);
    const std::string content(size, '\0');
    write_file(place / "file", content);
    CHECK(read_file(place / "file") == to_bytes(content));
  }
}

TEST_CASE("a missing file is an answer when reading, and an error when opening") {
  const TemporaryDirectory place;

  CHECK(read_file(place / "missing") == std::nullopt);
  CHECK_THROWS_AS(open_for_reading(place / "missing"), IoError);
  CHECK_THROWS_AS(open_directory(place / "missing"), IoError);
}

TEST_CASE("a file that does not say its size is read all the same") {
  const auto content = read_file("/proc/self/status");

  REQUIRE(content);
  CHECK(as_text(*content).starts_with("Name:"));
}

TEST_CASE("a file larger than the limit is refused") {
  const TemporaryDirectory place;
  write_file(place / "file", std::string(100, 'x'));

  CHECK(read_file(place / "file", 100)->size() == 100);
  CHECK_THROWS_AS(read_file(place / "file", 99), IoError);
  CHECK_THROWS_AS(read_file("/dev/zero", 99), IoError);
}

TEST_CASE("reading at an offset gives exactly what is there, or says that the file is damaged") {
  const TemporaryDirectory place;
  write_file(place / "file", "0123456789");
  const Descriptor file = open_for_reading(place / "file");

  CHECK(read_at(file, 3, 4, "file") == to_bytes("3456"));
  CHECK(read_at(file, 10, 0, "file").empty());
  CHECK_THROWS_AS(read_at(file, 3, 8, "file"), CorruptionError);
  CHECK_THROWS_AS(read_at(file, 11, 1, "file"), CorruptionError);
}

TEST_CASE("an attempt to read at an offset gives less only at the end, and says why it failed") {
  const TemporaryDirectory place;
  write_file(place / "file", "0123456789");
  const Descriptor file = open_for_reading(place / "file");
  Bytes into(4);

  CHECK(try_read_at(file, into, 3).value == 4U);
  CHECK(into == to_bytes("3456"));
  CHECK(try_read_at(file, into, 8).value == 2U);
  CHECK(try_read_at(file, into, 100).value == 0U);
  CHECK(try_read_at(open_directory(place.path()), into, 0).error_number == EISDIR);
}

TEST_CASE("directories are made for us alone, with all those above them") {
  const TemporaryDirectory place;
  const std::filesystem::path deep = place / "a/b/c";

  make_directories(deep);
  make_directories(deep);

  CHECK(fs::status(deep)->kind == FileKind::directory);
  CHECK(fs::status(deep)->mode == 0700U);
  CHECK(fs::status(place / "a")->mode == 0700U);
}

TEST_CASE("directories are made where a symlink to one is in the way, as a user expects") {
  const TemporaryDirectory place;
  make_directories(place / "real");
  REQUIRE(symlink("real", (place / "link").c_str()) == 0);

  make_directories(place / "link/inside");
  make_directories(place / "link");

  CHECK(fs::status(place / "real/inside"));
}

TEST_CASE("a file where a directory should be is an error") {
  const TemporaryDirectory place;
  write_file(place / "file", "");

  CHECK_THROWS_AS(make_directories(place / "file"), IoError);
  CHECK_THROWS_AS(make_directories(place / "file/below"), IoError);
}

TEST_CASE("removing a file says whether it was there") {
  const TemporaryDirectory place;
  write_file(place / "file", "");

  CHECK(remove_file(place / "file"));
  CHECK_FALSE(remove_file(place / "file"));
  CHECK_FALSE(remove_file(place / "no/where"));
}

TEST_CASE("names are listed in order, and a missing directory has none") {
  const TemporaryDirectory place;
  write_file(place / "b", "");
  write_file(place / "a", "");
  write_file(place / "\xff", "");

  CHECK(list_names(place.path()) == std::vector<std::string>{"a", "b", "\xff"});
  CHECK(list_names(place / "missing").empty());
  CHECK_THROWS_AS(list_names(place / "a"), IoError);
}

TEST_CASE("the free space is some number of bytes, and unknown for a missing place") {
  const TemporaryDirectory place;

  CHECK(free_space(place.path()) > 0);
  CHECK_THROWS_AS(free_space(place / "missing"), IoError);
}

TEST_CASE("removing a tree leaves nothing of it and touches nothing that it points to") {
  const TemporaryDirectory place;
  write_file(place / "outside/precious", "precious");
  write_file(place / "tree/a/b/file", "");
  write_file(place / "tree/a/name\nwith \xff", "");
  REQUIRE(symlink("../outside", (place / "tree/link").c_str()) == 0);
  REQUIRE(symlink((place / "outside").c_str(), (place / "tree/a/link").c_str()) == 0);
  REQUIRE(mkfifo((place / "tree/fifo").c_str(), 0600) == 0);

  remove_tree(place / "tree");
  remove_tree(place / "tree");

  CHECK(list_names(place.path()) == std::vector<std::string>{"outside"});
  CHECK(test::read_file(place / "outside/precious") == "precious");
}

TEST_CASE("removing a tree named by a symlink removes the symlink alone") {
  const TemporaryDirectory place;
  write_file(place / "real/file", "");
  REQUIRE(symlink("real", (place / "link").c_str()) == 0);

  remove_tree(place / "link");

  CHECK_FALSE(fs::status(place / "link"));
  CHECK(fs::status(place / "real/file"));
}

TEST_CASE("a tree deeper than descriptors and paths reach is removed") {
  const TemporaryDirectory place;
  make_directories(place / "tree");
  Descriptor directory = open_directory(place / "tree");
  for (int depth = 0; depth < 3000; ++depth) {
    REQUIRE(mkdirat(directory.number(), "deeper", 0755) == 0);
    REQUIRE(mkdirat(directory.number(), "beside", 0755) == 0);
    directory = std::move(*try_open_directory_at(directory.number(), "deeper").value);
  }

  directory.close();
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{200, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);

  remove_tree(place / "tree");
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);

  CHECK(list_names(place.path()).empty());
}

TEST_CASE("a tree of directories without permissions is removed") {
  const TemporaryDirectory place;
  write_file(place / "tree/closed/file", "");
  write_file(place / "tree/read_only/file", "");
  REQUIRE(chmod((place / "tree/closed").c_str(), 0) == 0);
  REQUIRE(chmod((place / "tree/read_only").c_str(), 0555) == 0);
  REQUIRE(chmod((place / "tree").c_str(), 0500) == 0);

  remove_tree(place / "tree");

  CHECK(list_names(place.path()).empty());
}
