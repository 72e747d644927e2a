#include "manifest/words.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "base/snapshot_id.hpp"
#include "manifest/follow.hpp"
#include "manifest/safety.hpp"

#include <algorithm>
#include <string_view>

namespace savepoint::manifest {
namespace {

constexpr std::size_t k_longest_note = std::size_t{64} << 10U;
constexpr std::size_t k_longest_word = 200;

[[noreturn]] void refuse(std::string_view what, const std::string& word, const std::string& why) {
  throw UsageError("cannot use " + quoted(word) + " as " + std::string(what) + ": " + why);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
  });
}

void check_word(std::string_view what, const std::string& word) {
  if (word.empty()) {
    throw UsageError("cannot use an empty text as " + std::string(what));
  }
  if (!is_utf8(word) || has_control(word)) {
    refuse(what, word, "it must be one line of UTF-8");
  }
  if (word.size() > k_longest_word) {
    refuse(what, word.substr(0, 20), "it is longer than " + std::to_string(k_longest_word));
  }
}

} // namespace

void check_note(const std::string& note) {
  if (!is_utf8(note)) {
    throw UsageError("cannot use the note: it is not UTF-8");
  }
  if (note.size() > k_longest_note) {
    throw UsageError("cannot use the note: it is longer than 64 KiB");
  }
}

void check_tag(const std::string& tag) {
  check_word("a tag", tag);
  if (tag.front() == '-' || tag.front() == ' ' || tag.back() == ' ') {
    refuse("a tag", tag, "it must not begin with '-' or a space, nor end in one");
  }
  const bool selects = tag == "latest" || tag.starts_with("latest~") ||
                       tag.starts_with("branch:") || tag.starts_with("commit:") ||
                       SnapshotId::parse(tag);
  if (selects) {
    refuse("a tag", tag, "it selects snapshots already");
  }
}

void check_trigger(const std::string& trigger) {
  check_word("a trigger", trigger);
  if (trigger == k_safety_trigger || followed_branch(trigger)) {
    refuse("a trigger", trigger, "savepoint itself uses it");
  }
}

} // namespace savepoint::manifest
