#include "git/text_diff.hpp"

#include "git/internal/libgit.hpp"

#include <string_view>

namespace savepoint::git {
namespace {

using PatchHandle = Handle<git_patch, git_patch_free>;

constexpr std::string_view k_no_line_end = "\\ No newline at end of file";

std::string without_line_end(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

void add_line(TextDiff& diff, TextDiff::Hunk& hunk, const git_diff_line& line) {
  switch (line.origin) {
  case GIT_DIFF_LINE_ADDITION:
  case GIT_DIFF_LINE_DELETION:
  case GIT_DIFF_LINE_CONTEXT:
    diff.insertions += line.origin == GIT_DIFF_LINE_ADDITION ? 1 : 0;
    diff.deletions += line.origin == GIT_DIFF_LINE_DELETION ? 1 : 0;
    hunk.lines.push_back(
        {.sign = line.origin, .text = without_line_end({line.content, line.content_len})});
    break;
  default: // one of the remarks about the end of a file
    hunk.lines.push_back(
        {.sign = k_no_line_end.front(), .text = std::string(k_no_line_end.substr(1))});
    break;
  }
}

} // namespace

TextDiff diff_texts(ByteView before, ByteView after) {
  start_libgit();
  const auto letters = [](ByteView bytes) { return bytes.empty() ? "" : as_text(bytes).data(); };
  git_patch* made = nullptr;
  check_libgit(git_patch_from_buffers(&made, letters(before), before.size(), nullptr,
                                      letters(after), after.size(), nullptr, nullptr),
               "compare two contents");
  const PatchHandle patch(made);
  TextDiff diff;
  diff.is_binary = patch && (git_patch_get_delta(patch.get())->flags & GIT_DIFF_FLAG_BINARY) != 0;
  const std::size_t hunks = patch && !diff.is_binary ? git_patch_num_hunks(patch.get()) : 0;
  for (std::size_t i = 0; i < hunks; ++i) {
    const git_diff_hunk* hunk = nullptr;
    std::size_t lines = 0;
    check_libgit(git_patch_get_hunk(&hunk, &lines, patch.get(), i), "compare two contents");
    TextDiff::Hunk& own = diff.hunks.emplace_back();
    own.heading = without_line_end({hunk->header, hunk->header_len});
    for (std::size_t at = 0; at < lines; ++at) {
      const git_diff_line* line = nullptr;
      check_libgit(git_patch_get_line_in_hunk(&line, patch.get(), i, at), "compare two contents");
      add_line(diff, own, *line);
    }
  }
  return diff;
}

} // namespace savepoint::git
