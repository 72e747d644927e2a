#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "store/internal/batch_state.hpp"
#include "store/store.hpp"

namespace savepoint::store {

namespace {

class BatchWriter final : public ChunkSink {
public:
  explicit BatchWriter(Batch::State& batch) : batch_(&batch), desk_(&batch.open_desk()) {}
  ~BatchWriter() override { batch_->leave_desk(*desk_); }
  BatchWriter(const BatchWriter&) = delete;
  BatchWriter& operator=(const BatchWriter&) = delete;

  hash::Digest put(ByteView bytes, ChunkKind kind) override {
    return batch_->put(*desk_, bytes, kind, std::nullopt);
  }
  hash::Digest put_like(const hash::Digest& like, ByteView bytes) override {
    return batch_->put(*desk_, bytes, ChunkKind::data, like);
  }
  [[nodiscard]] bool contains(const hash::Digest& id) override { return batch_->contains(id); }

private:
  Batch::State* batch_;
  Batch::State::Desk* desk_;
};

} // namespace

Batch::State::State(Store::State& into)
    : store(&into), assembler_(into.layout, into.scratch, into.base_reader()) {
  into.header.require(Operation::write);
}

Batch::State::Desk& Batch::State::open_desk() {
  const std::lock_guard guard(desks_mutex_);
  for (Desk& desk : desks_) {
    if (!desk.taken) {
      desk.taken = true;
      return desk;
    }
  }
  return desks_.emplace_back();
}

void Batch::State::leave_desk(Desk& desk) {
  const std::lock_guard guard(desks_mutex_);
  desk.taken = false;
}

void Batch::State::clear_desk(Desk& desk) {
  const std::lock_guard guard(desk.mutex);
  for (std::optional<NumberedFrame>* const frame : {&desk.data, &desk.delta, &desk.meta}) {
    if (*frame) {
      assembler_.submit(std::move(**frame), PackAssembler::Fill::partial);
      frame->reset();
    }
  }
}

hash::Digest Batch::State::put(Desk& desk, ByteView bytes, ChunkKind kind,
                               const std::optional<hash::Digest>& like) {
  if (bytes.size() > k_largest_chunk) {
    bug("a chunk is larger than chunks may be");
  }
  const hash::Digest id = hash::sha256(bytes);
  if (contains(id)) {
    return id;
  }
  const std::optional<Base> base = like ? store->base_for(*like) : std::nullopt;
  const std::lock_guard guard(desk.mutex);
  std::optional<NumberedFrame>& frame = base                      ? desk.delta
                                        : kind == ChunkKind::data ? desk.data
                                                                  : desk.meta;
  if (frame && !frame->frame.has_room_for(bytes.size(), base)) {
    assembler_.submit(std::move(*frame), kind == ChunkKind::data ? PackAssembler::Fill::full
                                                                 : PackAssembler::Fill::partial);
    frame.reset();
  }
  if (!frame) {
    frame.emplace(NumberedFrame{assembler_.next_number(), RawFrame{kind, {}, {}}});
    // Growing would take twice that.
    frame->frame.bytes.reserve(kind == ChunkKind::data ? k_largest_frame : k_meta_frame);
  }
  // First the bytes, then the promise that they are there. Another thread may have promised the
  // same chunk meanwhile.
  frame->frame.add(id, bytes, base);
  if (!ledger_.insert(id, frame->number)) {
    frame->frame.remove_last();
  }
  return id;
}

bool Batch::State::has_chunks() const {
  bool any = false;
  ledger_.for_each([&any](const hash::Digest&, std::uint32_t) { any = true; });
  return any;
}

bool Batch::State::contains(const hash::Digest& id) {
  if (ledger_.frame_of(id)) {
    return true;
  }
  std::call_once(asked_store_, [this] { store_is_empty_ = !store->catalog.has_chunks(); });
  return !store_is_empty_ && store->contains(id);
}

Bytes Batch::State::get(const hash::Digest& id) const {
  const std::optional<std::uint32_t> frame = ledger_.frame_of(id);
  if (!frame) {
    return store->get(id);
  }
  // A frame moves from a desk to the assembler to a pack, never back; one that was missed on its
  // way is found further on.
  if (std::optional<Bytes> bytes = read_desks(*frame, id)) {
    return std::move(*bytes);
  }
  if (std::optional<Bytes> bytes = assembler_.read_meta(*frame, id)) {
    return std::move(*bytes);
  }
  if (std::optional<Bytes> bytes = read_pack(*frame, id)) {
    return std::move(*bytes);
  }
  throw IoError("cannot read chunk " + id.hex() + ": it is still being written");
}

std::optional<Bytes> Batch::State::read_desks(std::uint32_t frame, const hash::Digest& id) const {
  const std::lock_guard guard(desks_mutex_);
  for (Desk& desk : desks_) {
    const std::lock_guard desk_guard(desk.mutex);
    for (const auto* const open : {&desk.data, &desk.delta, &desk.meta}) {
      if (*open && (*open)->number == frame) {
        const std::optional<ByteView> bytes = (*open)->frame.find(id);
        return bytes ? std::optional(Bytes(bytes->begin(), bytes->end())) : std::nullopt;
      }
    }
  }
  return std::nullopt;
}

std::optional<Bytes> Batch::State::read_pack(std::uint32_t frame, const hash::Digest& id) const {
  const std::optional<std::size_t> index = assembler_.pack_of(frame);
  if (!index) {
    return std::nullopt;
  }
  const PackShelf::PackPointer pack = store->packs.open(assembler_.finished()[*index].name);
  const PackChunk* const chunk = pack->find(id);
  return chunk == nullptr ? std::nullopt : std::optional(store->read(*pack, *chunk));
}

void Batch::State::flush() {
  {
    const std::lock_guard guard(desks_mutex_);
    for (Desk& desk : desks_) {
      clear_desk(desk);
    }
  }
  assembler_.finish();
}

void Batch::State::record(Catalog& catalog) {
  const std::vector<PackAssembler::FinishedPack> packs = assembler_.finished();
  std::vector<std::int64_t> numbers(packs.size());
  for (std::size_t index = recorded_packs_; index < packs.size(); ++index) {
    numbers[index] = catalog.add_pack(packs[index].name, packs[index].size);
  }
  std::vector<CatalogChunk> rows;
  ledger_.for_each([&](const hash::Digest& id, std::uint32_t frame) {
    const std::optional<std::size_t> pack = assembler_.pack_of(frame);
    if (pack && *pack >= recorded_packs_) {
      rows.push_back({id, numbers[*pack]});
    }
  });
  catalog.add_chunks(rows);
  recorded_packs_ = packs.size();
}

Batch::Batch(Store& store) : state_(std::make_unique<State>(store.state())) {}

Batch::~Batch() = default;

std::unique_ptr<ChunkSink> Batch::writer() {
  return std::make_unique<BatchWriter>(*state_);
}

const ChunkSource& Batch::source() const {
  return *state_;
}

bool Batch::heals() const {
  return state_->store->packs.knows_damage() && state_->has_chunks();
}

std::uint64_t Batch::bytes_added() const {
  return state_->assembler_.bytes();
}

} // namespace savepoint::store
