#include "store/content.hpp"

#include "base/error.hpp"
#include "store/internal/content_list.hpp"
#include "store/internal/extent_reader.hpp"
#include "store/internal/fast_cdc.hpp"
#include "store/internal/likeness.hpp"
#include "store/internal/list_cursor.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace savepoint::store {

using manifest::Content;

namespace {

constexpr std::size_t k_zeros = std::size_t{64} << 10U;

} // namespace

/// Bytes are cut where they lie in the caller's memory; only what cannot be decided yet is carried
/// over, never more than the largest chunk.
struct ContentWriter::State {
  State(ChunkSink& a_sink, const CuttingRules& rules, const Cut& shape,
        std::optional<ExtentCursor> earlier)
      : sink(&a_sink), list(a_sink, shape.block_size != 0      ? ListEnds::by_small_number
                                    : shape.average_chunk != 0 ? ListEnds::by_content
                                                               : ListEnds::by_number),
        seed(rules.seed), block_size(shape.block_size),
        sizes(ChunkSizes::around(shape.average_chunk == 0 ? CuttingRules::k_average
                                                          : shape.average_chunk)) {
    if (block_size != 0 && (!std::has_single_bit(block_size) || block_size > k_largest_chunk)) {
      bug("a block size that is not a power of two up to 1 MiB");
    }
    if (earlier) {
      likeness.emplace(std::move(*earlier),
                       block_size == 0 ? Likeness::By::order : Likeness::By::offset);
    }
  }

  /// How many bytes decide where the next chunk ends.
  [[nodiscard]] std::size_t needed() const {
    if (block_size == 0) {
      return sizes.largest;
    }
    return std::max(left_of_block(), cutting ? 0 : sizes.average);
  }

  [[nodiscard]] std::size_t left_of_block() const {
    return block_size - static_cast<std::size_t>(list.size() & (block_size - 1));
  }

  [[nodiscard]] std::size_t cut(ByteView bytes) {
    cutting = true;
    if (block_size != 0) {
      return std::min(left_of_block(), bytes.size());
    }
    if (!cdc) { // made late: most files are too small to be cut
      cdc.emplace(seed, sizes);
    }
    return cdc->cut(bytes);
  }

  void put(ByteView bytes) {
    const auto like = likeness ? likeness->at(list.size()) : std::nullopt;
    const hash::Digest id = like ? sink->put_like(*like, bytes) : sink->put(bytes, ChunkKind::data);
    if (likeness) {
      likeness->passed(id);
    }
    list.chunk(id, bytes.size());
  }

  [[nodiscard]] ByteView carried() const { return ByteView(carry).subspan(carry_begin); }

  void carry_over(ByteView bytes) {
    if (carry_begin > sizes.largest || carry_begin == carry.size()) {
      carry.erase(carry.begin(), carry.begin() + static_cast<std::ptrdiff_t>(carry_begin));
      carry_begin = 0;
    }
    carry.insert(carry.end(), bytes.begin(), bytes.end());
  }

  void write(ByteView bytes);
  void end_run();

  ChunkSink* sink;
  ListBuilder list;
  std::uint64_t seed;
  std::size_t block_size;
  ChunkSizes sizes;
  std::optional<FastCdc> cdc;
  std::optional<Likeness> likeness;
  Bytes carry;
  std::size_t carry_begin = 0;
  bool cutting = false; ///< There is too much to stay one chunk.
};

void ContentWriter::State::write(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t before = carried().size();
    const std::size_t need = needed();
    if (before == 0 && bytes.size() >= need) {
      const std::size_t length = cut(bytes);
      put(bytes.first(length));
      bytes = bytes.subspan(length);
      continue;
    }
    const std::size_t taken = before < need ? std::min(need - before, bytes.size()) : 0;
    carry_over(bytes.first(taken));
    if (carried().size() < need) {
      return;
    }
    const std::size_t length = cut(carried());
    put(carried().first(length));
    if (length >= before) { // the rest is still in the caller's memory: go on from there
      carry.clear();
      carry_begin = 0;
      bytes = bytes.subspan(length - before);
    } else {
      carry_begin += length;
      bytes = bytes.subspan(taken);
    }
  }
}

void ContentWriter::State::end_run() {
  if (!cutting && !carried().empty() && carried().size() < sizes.average) {
    put(carried());
    carry_begin = carry.size();
  }
  while (!carried().empty()) {
    const std::size_t length = cut(carried());
    put(carried().first(length));
    carry_begin += length;
  }
  carry.clear();
  carry_begin = 0;
}

ContentWriter::ContentWriter(ChunkSink& sink, const CuttingRules& rules, const Cut& cut,
                             std::optional<ExtentCursor> earlier)
    : state_(std::make_unique<State>(sink, rules, cut, std::move(earlier))) {}
ContentWriter::~ContentWriter() = default;
ContentWriter::ContentWriter(ContentWriter&&) noexcept = default;
ContentWriter& ContentWriter::operator=(ContentWriter&&) noexcept = default;

void ContentWriter::write(ByteView bytes) {
  state_->write(bytes);
}

void ContentWriter::hole(std::uint64_t length) {
  if (length == 0) {
    return;
  }
  // Blocks stay where they are whatever lies between; other runs of data stand for themselves.
  const bool blocks = state_->block_size != 0;
  state_->cutting = state_->cutting || blocks;
  state_->end_run();
  state_->cutting = blocks;
  state_->list.hole(length);
}

Content ContentWriter::finish() {
  state_->end_run();
  return state_->list.finish();
}

namespace {

/// Throws unless form and size fit each other.
void check(const Content& content) {
  switch (content.form) {
  case Content::Form::empty:
    if (content.size != 0) {
      damaged_content(content, "it is empty and has a size");
    }
    return;
  case Content::Form::chunk:
    if (content.size == 0 || content.size > k_largest_chunk) {
      damaged_content(content, "its size is not that of a chunk");
    }
    return;
  case Content::Form::list:
    if (content.size == 0 || content.size > k_largest_content) {
      damaged_content(content, "its size is out of range");
    }
    return;
  }
  damaged_content(content, "its form is not known");
}

} // namespace

struct ExtentCursor::State {
  State(const ChunkSource& source, const Content& whole) : content(whole) {
    if (content.form == Content::Form::list) {
      lists.emplace(source, content);
    }
  }

  Content content;
  std::optional<ListCursor> lists;
  std::uint64_t offset = 0;
};

ExtentCursor::ExtentCursor(const ChunkSource& source, const Content& content)
    : state_(std::make_unique<State>(source, content)) {}
ExtentCursor::~ExtentCursor() = default;
ExtentCursor::ExtentCursor(ExtentCursor&&) noexcept = default;
ExtentCursor& ExtentCursor::operator=(ExtentCursor&&) noexcept = default;

std::optional<Extent> ExtentCursor::next() {
  State& state = *state_;
  check(state.content);
  if (state.offset == state.content.size) {
    return std::nullopt;
  }
  Extent extent{.offset = state.offset, .length = state.content.size, .chunk = state.content.id};
  if (state.lists) {
    const ListEntry* const entry = state.lists->next();
    if (entry == nullptr) {
      damaged_content(state.content, "its pieces do not add up to its size");
    }
    extent.length = entry->length;
    extent.chunk = entry->id;
    extent.chunk_offset = entry->chunk_offset;
  }
  state.offset += extent.length;
  return extent;
}

void for_each_extent(const ChunkSource& source, const Content& content,
                     const std::function<void(const Extent&)>& visit) {
  ExtentCursor cursor(source, content);
  while (const std::optional<Extent> extent = cursor.next()) {
    visit(*extent);
  }
}

void for_each_list(const ChunkSource& source, const Content& content,
                   const std::function<void(const hash::Digest&)>& visit) {
  check(content);
  if (content.form == Content::Form::list) {
    ListCursor cursor(source, content, visit);
    while (cursor.next() != nullptr) {
    }
  }
}

ByteView ExtentReader::read(const Extent& extent) {
  if (held_ != extent.chunk) {
    held_.reset();
    chunk_ = source_->get(*extent.chunk);
    held_ = extent.chunk;
  }
  const std::uint64_t end = extent.chunk_offset + extent.length;
  if (end > chunk_.size() || (content_->form == Content::Form::chunk && end != chunk_.size())) {
    damaged_content(*content_, "a chunk is not as long as its list says");
  }
  return ByteView(chunk_).subspan(extent.chunk_offset, static_cast<std::size_t>(extent.length));
}

void read_content(const ChunkSource& source, const Content& content, const PieceVisitor& visit) {
  ExtentReader reader(source, content);
  for_each_extent(source, content, [&](const Extent& extent) {
    if (extent.chunk) {
      visit(extent.offset, reader.read(extent), 0);
    } else {
      visit(extent.offset, {}, extent.length);
    }
  });
}

void read_filled(const ChunkSource& source, const Content& content,
                 const std::function<void(ByteView)>& visit) {
  const Bytes zeros(k_zeros);
  read_content(source, content, [&](std::uint64_t, ByteView bytes, std::uint64_t hole) {
    if (!bytes.empty()) {
      visit(bytes);
    }
    for (std::uint64_t left = hole; left > 0;) {
      const auto length = std::min<std::uint64_t>(left, k_zeros);
      visit(ByteView(zeros).first(static_cast<std::size_t>(length)));
      left -= length;
    }
  });
}

Bytes read_whole(const ChunkSource& source, const Content& content, std::uint64_t limit) {
  if (content.size > limit) {
    damaged_content(content, "it is larger than it may be");
  }
  Bytes whole;
  read_content(source, content, [&](std::uint64_t, ByteView bytes, std::uint64_t hole) {
    whole.insert(whole.end(), bytes.begin(), bytes.end());
    whole.resize(whole.size() + static_cast<std::size_t>(hole));
  });
  return whole;
}

} // namespace savepoint::store
