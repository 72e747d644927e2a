#include "store/internal/pack_rewriter.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"

#include <algorithm>
#include <utility>

namespace savepoint::store {
namespace {

// Nobody waits for it: worth more than what a snapshot can afford.
constexpr int k_level = 3;

} // namespace

PackRewriter::PackRewriter(Store::State& state, PackSurvey& survey)
    : state_(&state), survey_(&survey), compressor_(k_level), read_base_(state.base_reader()) {
  meta_.frame.kind = ChunkKind::meta;
}

PackRewriter::~PackRewriter() {
  for (const NewPack& pack : packs_) {
    try {
      if (pack.is_new) {
        fs::remove_file(state_->layout.pack(pack.name));
      }
    } catch (const Error&) { // NOLINT(bugprone-empty-catch): the next reclaim removes it
    }
  }
}

bool PackRewriter::is_whole(const PackReader& pack, std::size_t index) const {
  try {
    std::optional<std::uint32_t> held;
    Bytes frame;
    for (const PackChunk& chunk : pack.chunks()) {
      if (!survey_->needs(index, chunk.id)) {
        continue;
      }
      if (held != chunk.frame) {
        frame = pack.read_frame(chunk.frame, read_base_);
        held = chunk.frame;
      }
      if (!checked_chunk(frame, chunk)) {
        return false;
      }
    }
    return true;
  } catch (const CorruptionError&) {
    return false;
  }
}

// Reads the pack twice rather than keep half of one that turns out damaged: its copies would be
// made again by every reclaim to come.
bool PackRewriter::copy(std::size_t index) {
  const PackShelf::PackPointer pack = state_->packs.open(survey_->packs()[index].name);
  if (!is_whole(*pack, index)) {
    return false;
  }
  std::optional<std::uint32_t> held;
  Bytes frame;
  for (const PackChunk& chunk : pack->chunks()) {
    if (!survey_->needs(index, chunk.id)) {
      continue;
    }
    if (held != chunk.frame) {
      frame = pack->read_frame(chunk.frame, read_base_);
      held = chunk.frame;
    }
    const std::optional<ByteView> bytes = checked_chunk(frame, chunk);
    if (!bytes) {
      throw CorruptionError("a pack changed while it was read");
    }
    const hash::Digest* const base = pack->base_of(chunk);
    const bool is_meta = pack->frames()[chunk.frame].kind == ChunkKind::meta;
    add(is_meta           ? meta_
        : base != nullptr ? deltas_
                          : data_,
        chunk.id, *bytes,
        base != nullptr ? std::optional(Base{*base, chunk.length}) : std::nullopt);
    survey_->set_copied(chunk.id);
  }
  return true;
}

void PackRewriter::add(Lane& lane, const hash::Digest& id, ByteView bytes,
                       const std::optional<Base>& base) {
  if (!lane.frame.has_room_for(bytes.size(), base)) {
    close_frame(lane);
  }
  lane.frame.add(id, bytes, base);
}

void PackRewriter::close_frame(Lane& lane) {
  if (lane.frame.chunks.empty()) {
    return;
  }
  if (!lane.pack) {
    lane.pack.emplace(state_->scratch.path());
  }
  lane.pack->append(encode_frame(compressor_, lane.frame, read_base_));
  lane.frame = {.kind = lane.frame.kind};
  if (lane.pack->is_full()) {
    close_pack(lane);
  }
}

void PackRewriter::close_pack(Lane& lane) {
  if (!lane.pack) {
    return;
  }
  const hash::Digest name = lane.pack->commit(state_->layout);
  lane.pack.reset();
  const std::vector<PackUse>& old = survey_->packs();
  const bool is_new =
      std::none_of(old.begin(), old.end(), [&](const PackUse& pack) { return pack.name == name; });
  const std::optional<fs::FileStatus> status = fs::status(state_->layout.pack(name));
  packs_.push_back({.name = name, .size = status ? status->size : 0, .is_new = is_new});
}

std::vector<PackRewriter::NewPack> PackRewriter::commit() {
  for (Lane* const lane : {&data_, &deltas_, &meta_}) {
    close_frame(*lane);
    close_pack(*lane);
  }
  for (const NewPack& pack : packs_) {
    fs::sync_directory(state_->layout.shard(pack.name));
  }
  return std::exchange(packs_, {});
}

} // namespace savepoint::store
