#include "project/internal/file_capture.hpp"

#include "drivers/all.hpp"

#include <algorithm>
#include <cerrno>
#include <span>

namespace savepoint::project {
namespace {

constexpr int k_readings = 3;
constexpr std::size_t k_head = 100; // what drivers look at
constexpr std::size_t k_read_size = std::size_t{1} << 20U;

bool same_content_promised(const fs::FileStatus& before, const fs::FileStatus& after) {
  return before.size == after.size && before.mtime_ns == after.mtime_ns &&
         before.ctime_ns == after.ctime_ns;
}

Bytes& read_buffer() {
  thread_local Bytes buffer(k_read_size);
  return buffer;
}

/// The file could not be read: the trouble of a source, which must never look like one of the
/// store.
struct SourceTrouble {
  int error_number;
};

std::size_t read_source(const fs::Descriptor& file, std::span<std::byte> into,
                        std::uint64_t offset) {
  const fs::Attempt<std::size_t> got = fs::try_read_at(file, into, offset);
  if (!got) {
    throw SourceTrouble{got.error_number};
  }
  return *got.value;
}

manifest::Content read_dense(const fs::Descriptor& file, store::ChunkSink& sink,
                             const store::CuttingRules& rules, std::size_t first) {
  Bytes& buffer = read_buffer();
  if (first < store::CuttingRules::k_whole_below) {
    if (first == 0) {
      return {};
    }
    const ByteView whole = ByteView(buffer).first(first);
    return {manifest::Content::Form::chunk, first, sink.put(whole, store::ChunkKind::data)};
  }
  store::ContentWriter writer(sink, rules);
  std::uint64_t offset = first;
  writer.write(ByteView(buffer).first(first));
  for (std::size_t got = first; got == buffer.size(); offset += got) {
    got = read_source(file, buffer, offset);
    writer.write(ByteView(buffer).first(got));
  }
  return writer.finish();
}

manifest::Content read_sparse(const fs::Descriptor& file, std::uint64_t size,
                              store::ChunkSink& sink, const store::CuttingRules& rules) {
  store::ContentWriter writer(sink, rules);
  Bytes& buffer = read_buffer();
  std::uint64_t at = 0;
  while (at < size) {
    const std::optional<fs::DataRun> run = fs::next_data_run(file, at, size);
    const std::uint64_t begin = run ? run->begin : size;
    const std::uint64_t end = run ? std::min(run->end, size) : size;
    if (begin > at) {
      writer.hole(begin - at);
    }
    for (at = begin; at < end;) {
      const auto wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(end - at, buffer.size()));
      const std::size_t got = read_source(file, std::span(buffer).first(wanted), at);
      writer.write(ByteView(buffer).first(got));
      at += got;
      if (got < wanted) { // cut shorter meanwhile: the caller sees another size and reads again
        return writer.finish();
      }
    }
  }
  return writer.finish();
}

bool has_holes(const fs::Descriptor& file, const fs::FileStatus& status) {
  if (status.allocated >= status.size) {
    return false;
  }
  const std::optional<fs::DataRun> run = fs::next_data_run(file, 0, status.size);
  return !run || run->begin > 0 || run->end < status.size;
}

template <typename Suits> std::optional<std::size_t> find_driver(Suits suits) {
  const auto drivers = drivers::all();
  for (std::size_t i = 0; i < drivers.size(); ++i) {
    if (suits(*drivers[i])) {
      return i;
    }
  }
  return std::nullopt;
}

} // namespace

std::optional<std::size_t> recognise(ByteView head) {
  return find_driver([&](const database::Driver& driver) { return driver.recognises(head); });
}

std::optional<std::size_t> driver_for_name(std::string_view name) {
  return find_driver([&](const database::Driver& driver) { return driver.is_likely_name(name); });
}

std::optional<std::size_t> recognise_ignored(std::string_view name, ByteView head) {
  return head.empty() ? driver_for_name(name) : recognise(head);
}

std::string reason_of(std::string_view what, int error_number) {
  return error_number == ENOENT
             ? "vanished while the project was read"
             : std::string(what) + ": " + std::generic_category().message(error_number);
}

store::Attributes read_attributes(const fs::Descriptor& file) {
  store::Attributes result;
  fs::Attempt<std::vector<fs::ExtendedAttribute>> read = fs::try_read_attributes(file);
  if (read) {
    for (fs::ExtendedAttribute& attribute : *read.value) {
      result.emplace_back(std::move(attribute.name), std::move(attribute.value));
    }
  }
  return result;
}

CapturedFile capture_file(const fs::Descriptor& directory, const char* name, store::ChunkSink& sink,
                          const store::CuttingRules& rules, LookForDatabases look) {
  CapturedFile result;
  for (int reading = 0; reading < k_readings; ++reading) {
    const fs::Attempt<fs::Descriptor> opened = fs::try_open_file_at(directory.number(), name);
    if (!opened) {
      result.outcome = CapturedFile::Outcome::failed;
      result.error_number = opened.error_number;
      return result;
    }
    const fs::Descriptor& file = *opened.value;
    try {
      result.status = fs::status_of(file);
      const bool sparse = has_holes(file, result.status);
      const std::size_t look_at = sparse ? k_head : read_buffer().size();
      const std::size_t first = read_source(file, std::span(read_buffer()).first(look_at), 0);
      if (look == LookForDatabases::yes) {
        if (const auto driver = recognise(ByteView(read_buffer()).first(std::min(first, k_head)))) {
          result.outcome = CapturedFile::Outcome::database;
          result.driver = *driver;
          return result;
        }
      }
      result.content = sparse ? read_sparse(file, result.status.size, sink, rules)
                              : read_dense(file, sink, rules, first);
      result.attributes = read_attributes(file);
      const fs::FileStatus after = fs::status_of(file);
      if (same_content_promised(result.status, after) &&
          result.content.size == result.status.size) {
        result.outcome = CapturedFile::Outcome::captured;
        return result;
      }
      result.outcome = CapturedFile::Outcome::kept_changing;
    } catch (const SourceTrouble& trouble) {
      result.outcome = CapturedFile::Outcome::failed;
      result.error_number = trouble.error_number;
      return result;
    }
  }
  return result;
}

} // namespace savepoint::project
