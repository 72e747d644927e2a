#include "base/cancellation.hpp"
#include "base/error.hpp"
#include "git/internal/ask_git.hpp"
#include "git/internal/git_backend.hpp"
#include "process/child.hpp"

#include <algorithm>
#include <charconv>

namespace savepoint::git {
namespace {

using std::string_view;

constexpr std::size_t k_piece = std::size_t{256} << 10U;
/// As many bytes of small blobs are asked for at once.
constexpr std::uint64_t k_most_at_once = std::uint64_t{32} << 20U;

struct Found {
  std::string object;
  std::string type;
  std::uint64_t size = 0;
};

/// What `cat-file --batch-check` says of one object: "<id> <type> <size>", "<id> missing".
std::optional<Found> parse_line(string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == string_view::npos ? first : line.find(' ', first + 1);
  if (second == string_view::npos) {
    return std::nullopt;
  }
  Found found{std::string(line.substr(0, first)),
              std::string(line.substr(first + 1, second - first - 1))};
  const string_view digits = line.substr(second + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), found.size);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(found)
                                                                      : std::nullopt;
}

Answer ask_in_batch(const std::filesystem::path& work_tree, const char* how,
                    const std::vector<std::string>& objects) {
  Question question;
  question.directory = work_tree;
  question.arguments = {"cat-file", how};
  for (const std::string& object : objects) {
    const ByteView line = as_bytes(object);
    question.input.insert(question.input.end(), line.begin(), line.end());
    question.input.push_back(static_cast<std::byte>('\n'));
  }
  return require_git(question);
}

std::vector<Found> look_up(const std::filesystem::path& work_tree,
                           const std::vector<std::string>& objects) {
  std::vector<Found> found;
  if (objects.empty()) {
    return found;
  }
  const Answer answer = ask_in_batch(work_tree, "--batch-check", objects);
  for (string_view text = answer.text(); !text.empty();) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    if (auto one = parse_line(text.substr(0, length))) {
      found.push_back(std::move(*one));
    }
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return found;
}

void read_streaming(const std::filesystem::path& work_tree, const std::string& object,
                    BlobSink& sink) {
  Question question;
  question.directory = work_tree;
  question.arguments = {"cat-file", "blob", object};
  const Cancellation never;
  process::Child child(command_for(question), never);
  Bytes piece(k_piece);
  while (const std::size_t got = child.read(piece)) {
    sink.take(ByteView(piece).first(got));
  }
  if (const process::Ended ended = child.finish(); ended.exit_code != 0) {
    throw IoError("git cat-file failed for the object " + object);
  }
  sink.end(object);
}

void read_together(const std::filesystem::path& work_tree, const std::vector<Found>& blobs,
                   BlobSink& sink) {
  std::vector<std::string> objects;
  for (const Found& blob : blobs) {
    objects.push_back(blob.object);
  }
  const Answer answer = ask_in_batch(work_tree, "--batch", objects);
  ByteView left = answer.output;
  for (const Found& blob : blobs) {
    const std::size_t header = as_text(left).find('\n');
    if (header == string_view::npos || left.size() - header - 1 < blob.size + 1) {
      throw IoError("git cat-file ended before the object " + blob.object);
    }
    sink.take(left.subspan(header + 1, blob.size));
    sink.end(blob.object);
    left = left.subspan(header + 1 + blob.size + 1);
  }
}

} // namespace

void GitBackend::read_blobs(const std::vector<std::string>& objects, BlobSink& sink) const {
  const std::vector<Found> found = look_up(places().work_tree, objects);
  std::vector<Found> together;
  std::uint64_t bytes = 0;
  const auto flush = [&] {
    if (!together.empty()) {
      read_together(places().work_tree, together, sink);
    }
    together.clear();
    bytes = 0;
  };
  for (const std::string& object : objects) {
    const auto blob = std::ranges::find(found, object, &Found::object);
    if (blob == found.end() || blob->type != "blob") {
      flush();
      sink.missing(object);
    } else if (blob->size > k_most_at_once) {
      flush();
      read_streaming(places().work_tree, object, sink);
    } else {
      if (bytes + blob->size > k_most_at_once) {
        flush();
      }
      bytes += blob->size;
      together.push_back(*blob);
    }
  }
  flush();
}

std::vector<std::string> GitBackend::known_objects(const std::vector<std::string>& objects) const {
  std::vector<std::string> known;
  for (const Found& found : look_up(places().work_tree, objects)) {
    if (found.type != "blob") {
      known.push_back(found.object);
    }
  }
  return known;
}

std::string GitBackend::subject(const std::string& commit) const {
  const Answer answer = ask({"log", "-1", "--format=%s", commit, "--"});
  return answer.exit_code == 0 ? answer.line() : "";
}

} // namespace savepoint::git
