#include "git/index_image.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"
#include "support/temporary_directory.hpp"

#include <string>

using namespace savepoint;
using git::Index;
using git::IndexImage;
using test::shell;
using test::TemporaryDirectory;

namespace {

const std::string k_setup =
    "git init -q -b main . && git config user.name T && git config user.email t@example.org";

std::string listing(const TemporaryDirectory& tree) {
  return shell(tree.path(), "git ls-files -s -t -v --stage && "
                            "git status --porcelain=v2");
}

Index read(const TemporaryDirectory& tree) {
  return Index::read(tree / ".git/index", tree.path());
}

/// Writes the image of the index, read back, in place of the index.
void rewrite(const TemporaryDirectory& tree, std::size_t id_length) {
  const Index index = read(tree);
  const IndexImage image = git::decode_image(git::encode_image(index, id_length));
  test::write_file(tree / ".git/index", std::string(as_text(git::print_index_file(image, index))));
}

} // namespace

TEST_CASE("an index that is written anew says the same of every path") {
  const auto format = GENERATE(as<std::string>(), "sha1", "sha256");
  const TemporaryDirectory tree;
  shell(
      tree.path(),
      "git init -q -b main --object-format=" + format + " . && " + k_setup +
          " && echo 1 > a && echo 2 > b && ln -s a link && mkdir d && echo x > d/x && chmod +x d/x"
          " && git add . && git commit -qm one && git checkout -qb side && echo side > a"
          " && git commit -qam side && git checkout -q main && echo main > a && git commit -qam "
          "main"
          " && (git merge side > /dev/null || true) && echo staged > b && git add b && echo un > b"
          " && echo n > new && git add -N new && git update-index --assume-unchanged d/x"
          " && git update-index --skip-worktree link");
  const std::string before = listing(tree);

  rewrite(tree, format == "sha1" ? 20 : 32);

  CHECK(listing(tree) == before);
  shell(tree.path(), "git fsck --no-dangling");
}

TEST_CASE("what conflicts were like is not forgotten") {
  const TemporaryDirectory tree;
  shell(
      tree.path(),
      k_setup +
          " && echo 1 > a && git add . && git commit -qm one && git checkout -qb side && echo s > a"
          " && git commit -qam side && git checkout -q main && echo m > a && git commit -qam main"
          " && (git merge side > /dev/null || true) && echo done > a && git add a");

  rewrite(tree, 20);

  CHECK(shell(tree.path(), "git ls-files --resolve-undo | wc -l") == "3\n");
}

TEST_CASE("a file that changed within the tick of the index is looked at again") {
  const TemporaryDirectory tree;
  shell(tree.path(),
        k_setup + " && echo one > a && git add a && git commit -qm one && touch -d @1000000000 a"
                  " && git update-index --refresh && touch -d @1000000000 .git/index"
                  " && echo two > a && touch -d @1000000000 a");

  rewrite(tree, 20);

  CHECK(shell(tree.path(), "git status --porcelain") == " M a\n");
}

TEST_CASE("the image of an index is as its page says") {
  const Bytes example = test::format_example("git-state");

  const IndexImage image = git::decode_image(example);

  REQUIRE(image.entries.size() == 2);
  CHECK(image.entries[0].path == "a");
  CHECK(image.entries[1].intent_to_add);
  for (std::size_t length = 0; length < example.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(git::decode_image(ByteView(example).first(length)), CorruptionError);
  }
}

TEST_CASE("paths that git would not take are refused") {
  for (const std::string path :
       {"/etc/passwd", "../x", "a/../b", ".git/config", "a/.GIT/x", "a//b"}) {
    CAPTURE(path);
    Bytes image = to_bytes(std::string("SPIX\1\24\1\0", 8));
    const std::string entry = std::string(1, static_cast<char>(path.size())) + path +
                              std::string("\xa4\x81\0\0\0", 5) + std::string(20, 'i') + '\0';
    const Bytes more = to_bytes(entry);
    image.insert(image.end(), more.begin(), more.end());

    CHECK_THROWS_AS(git::decode_image(image), CorruptionError);
  }
}
