#include "base/error.hpp"
#include "fs/files.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

using namespace savepoint;
using namespace savepoint::fs;
using test::TemporaryDirectory;

namespace {

/// Makes writes beyond `bytes` fail with EFBIG, as a full disk does with ENOSPC.
class FileSizeLimit {
public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
  void (*handler_)(int);
  rlimit before_{};
};

} // namespace

TEST_CASE("a committed file is there, whole and for us alone") {
  const TemporaryDirectory place;
  AtomicFile file(place / "file");
  file.write(as_bytes("one "));
  file.start_writeback();
  file.write(as_bytes("two"));

  file.commit();

  CHECK(file.size() == 7);
  CHECK(test::read_file(place / "file") == "one two");
  CHECK(fs::status(place / "file")->mode == 0600U);
  CHECK(list_names(place.path()) == std::vector<std::string>{"file"});
}

TEST_CASE("until it is committed a file shows only as a leftover that can be told by its name") {
  const TemporaryDirectory place;
  AtomicFile file(place / "file");
  file.write(as_bytes("content"));
  file.sync();

  const auto names = list_names(place.path());

  REQUIRE(names.size() == 1);
  CHECK(names.front().starts_with(k_temporary_prefix));
}

TEST_CASE("a file that is not committed leaves nothing behind, and the old one in place") {
  const TemporaryDirectory place;
  test::write_file(place / "file", "old");
  {
    AtomicFile file(place / "file");
    file.write(as_bytes("new"));
  }

  CHECK(test::read_file(place / "file") == "old");
  CHECK(list_names(place.path()).size() == 1);
}

TEST_CASE("a committed file takes the place of the old one") {
  const TemporaryDirectory place;
  test::write_file(place / "file", "a much longer old content");
  AtomicFile file(place / "file");
  file.write(as_bytes("new"));

  file.commit();

  CHECK(test::read_file(place / "file") == "new");
}

TEST_CASE("a file whose name is known only at the end is committed under that name") {
  const TemporaryDirectory place;
  make_directories(place / "ab");
  AtomicFile file(place / "unnamed");
  file.write(as_bytes("content"));

  file.commit_as(place / "ab/named", AtomicFile::SyncDirectory::no);

  CHECK(test::read_file(place / "ab/named") == "content");
  CHECK(list_names(place.path()) == std::vector<std::string>{"ab"});
}

TEST_CASE("an empty file can be committed, also without waiting for the disk") {
  const TemporaryDirectory place;
  AtomicFile(place / "a").commit();
  AtomicFile(place / "b").commit_unsynced();

  CHECK(fs::status(place / "a")->size == 0);
  CHECK(fs::status(place / "b")->size == 0);
}

TEST_CASE("a file that could not be written can never be committed") {
  const TemporaryDirectory place;
  test::write_file(place / "file", "old");
  AtomicFile file(place / "file");
  {
    const FileSizeLimit limit(1000);
    CHECK_THROWS_AS(file.write(Bytes(5000)), IoError);
  }

  int reason = 0;
  try {
    file.write(as_bytes("more"));
  } catch (const IoError& error) {
    reason = error.error_number();
  }
  CHECK(reason == EFBIG); // the first failure is the reason for all that follow
  CHECK_THROWS_AS(file.sync(), IoError);
  CHECK_THROWS_AS(file.commit(), IoError);
  CHECK_THROWS_AS(file.commit_unsynced(), IoError);
  CHECK(test::read_file(place / "file") == "old");
  CHECK(list_names(place.path()).size() == 1);
}

TEST_CASE("a commit that fails leaves nothing behind") {
  const TemporaryDirectory place;
  make_directories(place / "taken/by a directory");
  AtomicFile file(place / "taken");
  file.write(as_bytes("content"));

  CHECK_THROWS_AS(file.commit(), IoError);

  CHECK(list_names(place.path()) == std::vector<std::string>{"taken"});
}

TEST_CASE("a file in a missing directory cannot be started") {
  const TemporaryDirectory place;

  CHECK_THROWS_WITH(AtomicFile(place / "missing/file"), Catch::Contains("missing/file"));
}

TEST_CASE("a moved file is committed once, and what it replaces is abandoned") {
  const TemporaryDirectory place;
  AtomicFile first(place / "first");
  first.write(as_bytes("first"));
  AtomicFile second(place / "second");
  second.write(as_bytes("second"));

  first = std::move(second);
  AtomicFile third(std::move(first));
  third.commit();

  CHECK(list_names(place.path()) == std::vector<std::string>{"second"});
  CHECK(test::read_file(place / "second") == "second");
}

TEST_CASE("a mapped file shows its content, also after it was replaced") {
  const TemporaryDirectory place;
  test::write_file(place / "file", "old content");
  auto mapped = MappedFile::open(place / "file");
  REQUIRE(mapped);

  AtomicFile file(place / "file");
  file.write(as_bytes("new"));
  file.commit();
  const MappedFile moved = std::move(*mapped);

  CHECK(as_text(moved.view()) == "old content");
}

TEST_CASE("there is nothing to map where there is no file or nothing in it") {
  const TemporaryDirectory place;
  test::write_file(place / "empty", "");

  CHECK_FALSE(MappedFile::open(place / "empty"));
  CHECK_FALSE(MappedFile::open(place / "missing"));
}
