#include "base/error.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

using namespace savepoint;
using namespace savepoint::fs;
using test::TemporaryDirectory;
using test::write_file;

namespace {

constexpr std::int64_t k_some_time = 1'600'000'000'123'456'789;

struct Place {
  TemporaryDirectory directory;
  Descriptor root = open_directory(directory.path());
  Descriptor file = create_file_at(root, "file", 0600);

  [[nodiscard]] bool has_attributes() const {
    const bool supported = fsetxattr(file.number(), "user.probe", "", 0, 0) == 0;
    (void)fremovexattr(file.number(), "user.probe");
    if (!supported) {
      WARN("skipped: the file system has no user attributes");
    }
    return supported;
  }
};

/// An access ACL: owner rw-, user 1234 rw-, group r--, mask rw-, other ---.
const std::string k_acl("\x02\x00\x00\x00"
                        "\x01\x00\x06\x00\xff\xff\xff\xff"
                        "\x02\x00\x06\x00\xd2\x04\x00\x00"
                        "\x04\x00\x04\x00\xff\xff\xff\xff"
                        "\x10\x00\x06\x00\xff\xff\xff\xff"
                        "\x20\x00\x00\x00\xff\xff\xff\xff",
                        44);

/// Runs as somebody without privileges, where we have any.
class Unprivileged {
public:
  Unprivileged() {
    if (geteuid() == 0) {
      REQUIRE(seteuid(k_nobody) == 0);
    }
  }
  ~Unprivileged() {
    if (getuid() == 0) {
      (void)seteuid(0);
    }
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

  static constexpr uid_t k_nobody = 65534;
};

} // namespace

TEST_CASE("a file gets back its mode and its time, to the nanosecond") {
  const Place place;

  for (const std::int64_t time :
       {k_some_time, std::int64_t{0}, std::int64_t{-1}, std::int64_t{-1'000'000'001},
        std::int64_t{4'102'444'800'000'000'001}}) {
    CAPTURE(time);
    set_metadata(place.file, 0640, SpecialBits::drop, time, {});
    CHECK(status_of(place.file).mtime_ns == time);
    CHECK(status_of(place.file).mode == 0640U);
  }
}

TEST_CASE("setuid and setgid come back only where asked for, the sticky bit always") {
  const Place place;

  set_metadata(place.file, 07755, SpecialBits::drop, k_some_time, {});
  CHECK(status_of(place.file).mode == 01755U);
  set_metadata(place.file, 07755, SpecialBits::keep, k_some_time, {});
  CHECK(status_of(place.file).mode == 07755U);
  set_mode_at(place.root, "file", 06711, SpecialBits::drop);
  CHECK(status_of(place.file).mode == 0711U);
}

TEST_CASE("a directory gets back mode and time as well") {
  const Place place;
  REQUIRE(mkdirat(place.root.number(), "directory", 0700) == 0);
  const auto directory = try_open_directory_at(place.root.number(), "directory");

  set_metadata(*directory.value, 0555, SpecialBits::drop, k_some_time, {});

  CHECK(status_of(*directory.value).mode == 0555U);
  CHECK(status_of(*directory.value).mtime_ns == k_some_time);
}

TEST_CASE("attributes come back as they were, empty, binary and large ones too") {
  const Place place;
  if (!place.has_attributes()) {
    return;
  }
  const std::vector<ExtendedAttribute> attributes{
      {"user.binary", std::string("\0\n\xff", 3)},
      {"user.empty", ""},
      {"user.large", std::string(2000, 'x')},
  };

  set_metadata(place.file, 0600, SpecialBits::drop, k_some_time, attributes);

  CHECK(try_read_attributes(place.file).value == attributes);
  CHECK(status_of(place.file).mtime_ns == k_some_time);
}

TEST_CASE("an access list comes back, and does not change the mode") {
  const Place place;
  if (fsetxattr(place.file.number(), "system.posix_acl_access", k_acl.data(), k_acl.size(), 0) !=
      0) {
    WARN("skipped: the file system has no access lists");
    return;
  }
  const auto attributes = try_read_attributes(place.file);
  REQUIRE(attributes);
  CHECK(*attributes.value == std::vector<ExtendedAttribute>{{"system.posix_acl_access", k_acl}});
  const std::uint32_t mode = status_of(place.file).mode;
  const Descriptor copy = create_file_at(place.root, "copy", 0600);

  set_metadata(copy, mode, SpecialBits::drop, k_some_time, *attributes.value);

  CHECK(try_read_attributes(copy).value == attributes.value);
  CHECK(status_of(copy).mode == mode);
}

TEST_CASE("attributes that the file should not have are taken from it") {
  const Place place;
  if (!place.has_attributes()) {
    return;
  }
  REQUIRE(fsetxattr(place.file.number(), "user.old", "x", 1, 0) == 0);
  REQUIRE(fsetxattr(place.file.number(), "user.kept", "old", 3, 0) == 0);

  set_metadata(place.file, 0600, SpecialBits::drop, k_some_time, {{"user.kept", "new"}});

  CHECK(try_read_attributes(place.file).value ==
        std::vector<ExtendedAttribute>{{"user.kept", "new"}});
}

TEST_CASE("a file without attributes has an empty list of them, also where there are none at all") {
  const Place place;

  CHECK(try_read_attributes(place.file).value->empty());
  CHECK(try_read_attributes(open_for_reading("/proc/self/status")).value->empty());
}

TEST_CASE("a read-only file of somebody without privileges gets its attributes") {
  const Place place;
  if (!place.has_attributes()) {
    return;
  }
  REQUIRE(fchmod(place.file.number(), 0400) == 0);
  if (geteuid() == 0) {
    REQUIRE(fchown(place.file.number(), Unprivileged::k_nobody, static_cast<gid_t>(-1)) == 0);
  }
  {
    const Unprivileged unprivileged;
    set_metadata(place.file, 0444, SpecialBits::drop, k_some_time, {{"user.a", "b"}});
  }

  CHECK(try_read_attributes(place.file).value == std::vector<ExtendedAttribute>{{"user.a", "b"}});
  CHECK(status_of(place.file).mode == 0444U);
}

TEST_CASE("an attribute that cannot be set is an error with the file's name") {
  const Place place;
  if (!place.has_attributes()) {
    return;
  }

  CHECK_THROWS_WITH(set_metadata(place.file, 0600, SpecialBits::drop, k_some_time,
                                 {{"user." + std::string(300, 'x'), ""}}),
                    Catch::Contains("/file'"));
}

TEST_CASE("times and modes of a symlink are never those of what it points to") {
  const Place place;
  set_metadata(place.file, 0600, SpecialBits::drop, k_some_time, {});
  make_symlink_at(place.root, "link", "file");

  set_mtime_at(place.root, "link", -5);
  CHECK_THROWS_AS(set_mode_at(place.root, "link", 0777, SpecialBits::drop), IoError);

  CHECK(status_at(place.root.number(), "link")->mtime_ns == -5);
  CHECK(status_of(place.file).mtime_ns == k_some_time);
  CHECK(status_of(place.file).mode == 0600U);
}

TEST_CASE("directories without permissions are removed by their owner, who needs no privileges") {
  const TemporaryDirectory place;
  write_file(place / "home/tree/closed/file", "");
  write_file(place / "home/tree/read_only/file", "");
  if (geteuid() == 0) {
    test::shell(place.path(), "chmod 755 . && chown -R 65534 home");
  }
  test::shell(place / "home/tree", "chmod 0 closed && chmod 555 read_only && chmod 500 .");
  {
    const Unprivileged unprivileged;
    remove_tree(place / "home/tree");
  }

  CHECK(list_names(place / "home").empty());
}
