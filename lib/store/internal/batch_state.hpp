#pragma once

#include "store/internal/catalog.hpp"
#include "store/internal/chunk_ledger.hpp"
#include "store/internal/pack_assembler.hpp"
#include "store/internal/store_state.hpp"
#include "store/store.hpp"

#include <list>
#include <mutex>
#include <vector>

namespace savepoint::store {

/// A batch at work, for the files of this room.
struct Batch::State final : ChunkSource {
  explicit State(Store::State& into);

  /// The frames that one writer fills. They stay when the writer goes, for the next one to fill up
  /// or for `flush`.
  struct Desk {
    bool taken = true; // guarded by desks_mutex_
    std::mutex mutex;
    std::optional<NumberedFrame> data;
    std::optional<NumberedFrame> delta; ///< Data as well: chunks that have a base.
    std::optional<NumberedFrame> meta;
  };
  [[nodiscard]] Desk& open_desk();
  void leave_desk(Desk& desk);

  hash::Digest put(Desk& desk, ByteView bytes, ChunkKind kind,
                   const std::optional<hash::Digest>& like);
  [[nodiscard]] bool contains(const hash::Digest& id);
  [[nodiscard]] bool has_chunks() const;
  [[nodiscard]] Bytes get(const hash::Digest& id) const override;

  /// Makes all chunks durable.
  void flush();
  /// Adds to the catalog the packs that `flush` made since this was last done.
  void record(Catalog& catalog);

  Store::State* store;

private:
  void clear_desk(Desk& desk);
  [[nodiscard]] std::optional<Bytes> read_desks(std::uint32_t frame, const hash::Digest& id) const;
  [[nodiscard]] std::optional<Bytes> read_pack(std::uint32_t frame, const hash::Digest& id) const;

  mutable PackAssembler assembler_;
  ChunkLedger ledger_;
  mutable std::mutex desks_mutex_;
  mutable std::list<Desk> desks_;
  std::once_flag asked_store_;
  bool store_is_empty_ = false;
  std::size_t recorded_packs_ = 0;

  friend class Batch;
};

} // namespace savepoint::store
