#include "fs/status.hpp"

#include "fs/files.hpp"
#include "fs/internal/portable.hpp"
#include "fs/tree_writer.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>

using namespace savepoint;
using namespace savepoint::fs;
using test::TemporaryDirectory;
using test::write_file;

namespace {

const std::string k_strange_name = "line\nbreak \xff\xfe \x1b[31m";

std::map<std::string, std::optional<FileKind>> listed(const Descriptor& directory) {
  const auto entries = try_list(directory);
  REQUIRE(entries);
  std::map<std::string, std::optional<FileKind>> kinds;
  for (const DirectoryEntry& entry : *entries.value) {
    kinds[entry.name] = entry.kind;
  }
  REQUIRE(kinds.size() == entries.value->size());
  return kinds;
}

/// One file of each kind that needs no privilege, by the name of its kind.
void make_zoo(const TemporaryDirectory& place) {
  write_file(place / "regular", "content");
  REQUIRE(mkdir((place / "directory").c_str(), 0755) == 0);
  REQUIRE(symlink("nowhere/at all", (place / "symlink").c_str()) == 0);
  REQUIRE(mkfifo((place / "fifo").c_str(), 0640) == 0);
  REQUIRE(symlink("directory", (place / "link_to_directory").c_str()) == 0);
  REQUIRE(symlink("regular", (place / "link_to_regular").c_str()) == 0);
}

} // namespace

TEST_CASE("the status of a file says what it is, how large and when changed") {
  const TemporaryDirectory place;
  write_file(place / "file", "12345");
  REQUIRE(chmod((place / "file").c_str(), 04751) == 0);
  timespec times[2] = {{0, 0}, {1'600'000'000, 123'456'789}};
  REQUIRE(utimensat(AT_FDCWD, (place / "file").c_str(), times, 0) == 0);
  REQUIRE(link((place / "file").c_str(), (place / "second").c_str()) == 0);

  const auto file = fs::status(place / "file");

  REQUIRE(file);
  CHECK(file->kind == FileKind::regular);
  CHECK(file->mode == 04751U);
  CHECK(file->size == 5);
  CHECK(file->links == 2);
  CHECK(file->user == geteuid());
  CHECK(file->mtime_ns == 1'600'000'000'123'456'789);
  CHECK(file == fs::status(place / "second"));
  CHECK(status_of(open_for_reading(place / "file")) == *file);
}

TEST_CASE("a time before 1970 is negative and exact") {
  const TemporaryDirectory place;
  write_file(place / "file", "");
  timespec times[2] = {{0, 0}, {-2, 999'999'999}};
  REQUIRE(utimensat(AT_FDCWD, (place / "file").c_str(), times, 0) == 0);

  CHECK(fs::status(place / "file")->mtime_ns == -1'000'000'001);
}

TEST_CASE("a missing file has no status") {
  const TemporaryDirectory place;
  write_file(place / "file", "");

  CHECK(fs::status(place / "missing") == std::nullopt);
  CHECK(fs::status(place / "file/below") == std::nullopt);
  CHECK(try_status_at(AT_FDCWD, (place / "missing").c_str()).error_number == ENOENT);
}

TEST_CASE("a file that cannot be looked at is an error with its name") {
  const TemporaryDirectory place;
  REQUIRE(symlink("loop", (place / "loop").c_str()) == 0);

  CHECK_THROWS_WITH(fs::status(place / "loop/x"), Catch::Contains("loop/x"));
}

TEST_CASE("every kind of file is told by its status and by the list of its directory") {
  const TemporaryDirectory place;
  make_zoo(place);
  const Descriptor directory = open_directory(place.path());

  for (const auto& [name, kind] : listed(directory)) {
    CAPTURE(name);
    CHECK(status_at(directory.number(), name.c_str())->kind == kind);
  }
  CHECK(fs::status(place / "link_to_directory")->kind == FileKind::symlink);
  CHECK(fs::status(place / "fifo")->kind == FileKind::fifo);
  CHECK(fs::status("/dev/null")->kind == FileKind::device);
}

TEST_CASE("a list of a large directory has every name once, however often it is listed") {
  const TemporaryDirectory place;
  const Descriptor directory = open_directory(place.path());
  constexpr int k_files = 5000;
  for (int i = 0; i < k_files; ++i) {
    (void)create_file_at(
        directory, ("a rather long name of a file number " + std::to_string(i)).c_str(), 0600);
  }

  CHECK(listed(directory).size() == k_files);
  CHECK(listed(directory).size() == k_files);
  std::vector<DirectoryEntry> entries;
  CHECK(internal::list_entries_by_readdir(directory.number(), entries) == 0);
  CHECK(entries.size() == k_files);
}

TEST_CASE("names with line breaks and without any encoding are names like others") {
  const TemporaryDirectory place;
  write_file(place / k_strange_name, "content");
  const Descriptor directory = open_directory(place.path());

  CHECK(listed(directory) ==
        std::map<std::string, std::optional<FileKind>>{{k_strange_name, FileKind::regular}});
  CHECK(status_at(directory.number(), k_strange_name.c_str())->size == 7);
  CHECK(list_names(place.path()) == std::vector<std::string>{k_strange_name});
  CHECK(try_open_file_at(directory.number(), k_strange_name.c_str()));
}

TEST_CASE("opening a file never follows a symlink and never waits for a fifo") {
  const TemporaryDirectory place;
  make_zoo(place);
  const Descriptor directory = open_directory(place.path());
  const auto open = [&](const char* name) { return try_open_file_at(directory.number(), name); };

  CHECK(open("regular"));
  CHECK(open("link_to_regular").error_number == ELOOP);
  CHECK(open("symlink").error_number == ELOOP);
  CHECK(open("fifo").error_number == EINVAL);
  CHECK(open("directory").error_number == EISDIR);
  CHECK(open("missing").error_number == ENOENT);
}

TEST_CASE("opening a directory never follows a symlink") {
  const TemporaryDirectory place;
  make_zoo(place);
  const Descriptor directory = open_directory(place.path());
  const auto open = [&](const char* name) {
    return try_open_directory_at(directory.number(), name);
  };

  CHECK(open("directory"));
  CHECK_FALSE(open("link_to_directory"));
  CHECK_FALSE(open("regular"));
  CHECK_FALSE(open("fifo"));
}

TEST_CASE("a symlink is read byte for byte, however long") {
  const TemporaryDirectory place;
  const Descriptor directory = open_directory(place.path());

  for (const std::size_t length : {1U, 255U, 256U, 257U, 1024U, 4095U}) {
    CAPTURE(length);
    std::string target(length, '\xfe');
    target.back() = '\n';
    const std::string name = "link" + std::to_string(length);
    make_symlink_at(directory, name.c_str(), target);
    CHECK(try_read_link_at(directory.number(), name.c_str()).value == target);
  }
  CHECK(try_read_link_at(directory.number(), "missing").error_number == ENOENT);
}

TEST_CASE("descriptors that we open are not inherited by programs that we run") {
  const TemporaryDirectory place;
  write_file(place / "file", "");
  const Descriptor directory = open_directory(place.path());
  const auto file = try_open_file_at(directory.number(), "file");

  CHECK((fcntl(directory.number(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((fcntl(file.value->number(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a file is never opened as standard input, output or error") {
  const TemporaryDirectory place;
  write_file(place / "file", "");
  const int saved = dup(STDIN_FILENO);
  if (saved >= 0) {
    close(STDIN_FILENO);
  }

  const Descriptor file = open_for_reading(place / "file");
  const int number = file.number();

  if (saved >= 0) {
    dup2(saved, STDIN_FILENO);
    close(saved);
  }
  CHECK(number > STDERR_FILENO);
}

TEST_CASE("the runs of data of a sparse file are found, and its holes skipped") {
  const TemporaryDirectory place;
  const Descriptor directory = open_directory(place.path());
  const Descriptor file = create_file_at(directory, "sparse", 0600);
  constexpr std::uint64_t k_block = 1U << 20U;
  constexpr std::uint64_t k_size = 64 * k_block;
  write_at(file, to_bytes(std::string(k_block, 'a')), 3 * k_block);
  write_at(file, to_bytes(std::string(k_block, 'b')), 40 * k_block);
  set_size(file, k_size);

  const auto first = next_data_run(file, 0, k_size);
  REQUIRE(first);
  CHECK(first->begin == 3 * k_block);
  CHECK(first->end == 4 * k_block);
  const auto second = next_data_run(file, first->end, k_size);
  REQUIRE(second);
  CHECK(second->begin == 40 * k_block);
  CHECK(second->end == 41 * k_block);
  CHECK_FALSE(next_data_run(file, second->end, k_size));
  CHECK(next_data_run(file, first->begin + 5, k_size)->begin == first->begin + 5);
  CHECK(status_of(file).allocated < status_of(file).size);
}

TEST_CASE("looking for data leaves the read position alone") {
  const TemporaryDirectory place;
  write_file(place / "file", "0123456789");
  const Descriptor file = open_for_reading(place / "file");
  REQUIRE(lseek(file.number(), 4, SEEK_SET) == 4);

  CHECK(next_data_run(file, 0, 10)->end == 10);
  CHECK(lseek(file.number(), 0, SEEK_CUR) == 4);
}

TEST_CASE("an empty file and one shorter than expected have no data beyond their end") {
  const TemporaryDirectory place;
  write_file(place / "empty", "");
  write_file(place / "short", "abc");

  CHECK_FALSE(next_data_run(open_for_reading(place / "empty"), 0, 0));
  CHECK_FALSE(next_data_run(open_for_reading(place / "empty"), 0, 100));
  CHECK_FALSE(next_data_run(open_for_reading(place / "short"), 3, 3));
  CHECK(next_data_run(open_for_reading(place / "short"), 0, 2)->end == 2);
}
