#include "store/internal/large_object.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "store/content.hpp"

#include <string>

namespace savepoint::store {
namespace {

using manifest::Content;

constexpr std::string_view k_magic = "SPLO";
constexpr std::uint8_t k_version = 1;
// Equal objects have equal names in every store: not the store's own seed.
constexpr CuttingRules k_rules{.seed = 0};

/// Puts whatever it is given among the metadata.
class MetaSink final : public ChunkSink {
public:
  explicit MetaSink(ChunkSink& below) : below_(&below) {}
  hash::Digest put(ByteView bytes, ChunkKind) override {
    return below_->put(bytes, ChunkKind::meta);
  }
  [[nodiscard]] bool contains(const hash::Digest& id) override { return below_->contains(id); }

private:
  ChunkSink* below_;
};

Content decode(ByteView bytes) {
  BinaryReader reader(bytes, "a large object");
  static_cast<void>(reader.raw(k_magic.size()));
  if (reader.u8() != k_version) {
    reader.damaged("its version is not known");
  }
  Content content{.form = Content::Form::list, .size = reader.varint(), .id = {}};
  content.id = hash::Digest::from_bytes(reader.raw(sizeof content.id.bytes));
  reader.expect_end();
  if (content.size <= k_largest_chunk || content.size > k_largest_object) {
    reader.damaged("its size is out of range");
  }
  return content;
}

} // namespace

hash::Digest put_object(ChunkSink& sink, ByteView bytes, std::string_view what) {
  if (bytes.size() <= k_largest_chunk) {
    return sink.put(bytes, ChunkKind::meta);
  }
  if (bytes.size() > k_largest_object) {
    throw UsageError("cannot keep " + std::string(what) + ": it has too many entries",
                     "leave it out with \"exclude\" in the configuration");
  }
  MetaSink meta(sink);
  ContentWriter content_writer(meta, k_rules);
  content_writer.write(bytes);
  const Content content = content_writer.finish();

  BinaryWriter writer;
  writer.raw(as_bytes(k_magic));
  writer.u8(k_version);
  writer.varint(content.size);
  writer.raw(content.id.view());
  return sink.put(writer.view(), ChunkKind::meta);
}

Bytes get_object(const ChunkSource& source, const hash::Digest& id,
                 const std::function<void(const hash::Digest&)>& visit) {
  Bytes bytes = source.get(id);
  if (visit) {
    visit(id);
  }
  if (!as_text(bytes).starts_with(k_magic)) {
    return bytes;
  }
  const Content content = decode(bytes);
  if (visit) {
    for_each_list(source, content, visit);
    for_each_extent(source, content, [&](const Extent& extent) {
      if (extent.chunk) {
        visit(*extent.chunk);
      }
    });
  }
  return read_whole(source, content, k_largest_object);
}

} // namespace savepoint::store
