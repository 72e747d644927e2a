#pragma once

#include "hash/sha256.hpp"
#include "store/store.hpp"
#include "store/tree.hpp"
#include "store/tree_diff.hpp"
#include "support/small_store.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace savepoint::test {

/// The files of a project that has no directories.
using Files = std::map<std::string, Bytes>;

/// A store, and snapshots of small projects in it.
class SampleStore {
public:
  /// In a directory of its own.
  SampleStore() : SampleStore(std::filesystem::path()) {}
  /// In `root`, which must be empty, or may be missing.
  explicit SampleStore(std::filesystem::path root)
      : root_(root.empty() ? directory_ / "store" : std::move(root)) {
    static_cast<void>(store::Store::open_or_create(root_));
  }

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] store::Store shared() const {
    return store::Store::open(root(), store::Access::shared);
  }
  [[nodiscard]] store::Store exclusive() const {
    return store::Store::open(root(), store::Access::exclusive);
  }

  /// Puts files and their directory into a batch, as a snapshot does.
  static hash::Digest put(store::Store& store, store::Batch& batch, const Files& files) {
    const std::unique_ptr<store::ChunkSink> sink = batch.writer();
    store::Tree tree;
    for (const auto& [name, bytes] : files) {
      store::ContentWriter writer(*sink, store.cutting_rules());
      writer.write(bytes);
      store::TreeEntry entry;
      entry.name = name;
      entry.mode = 0644;
      entry.content = writer.finish();
      tree.entries.push_back(std::move(entry));
    }
    return store::put_tree(*sink, tree);
  }

  /// Makes `batch` a snapshot of the directory `tree`.
  static SnapshotId seal(store::Store& store, store::Batch& batch, const hash::Digest& tree) {
    manifest::Manifest manifest = note_manifest("sample " + tree.hex());
    manifest.code.emplace();
    manifest.code->tree = tree;
    manifest.code->state = tree;
    return store.seal(batch, std::move(manifest)).id.value();
  }

  [[nodiscard]] SnapshotId take(const Files& files) const {
    store::Store store = shared();
    store::Batch batch(store);
    const hash::Digest tree = put(store, batch, files);
    return seal(store, batch, tree);
  }

  /// All files of a snapshot, read from the store; throws if anything of it is not as it was.
  [[nodiscard]] Files read(const SnapshotId& id) const {
    const store::Store store = shared();
    Files files;
    const manifest::Manifest manifest = store.load(id);
    store::walk_tree(store, manifest.code.value().tree,
                     [&](const std::string& path, const store::TreeEntry& entry, const auto*) {
                       files[path] = read_whole(store, entry.content, entry.content.size);
                     });
    return files;
  }

  /// Every pack, below the root.
  [[nodiscard]] std::vector<std::filesystem::path> packs() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / "packs")) {
      if (entry.path().extension() == ".pack") {
        found.push_back(entry.path());
      }
    }
    return found;
  }
  [[nodiscard]] std::uintmax_t pack_bytes() const {
    std::uintmax_t bytes = 0;
    for (const std::filesystem::path& pack : packs()) {
      bytes += std::filesystem::file_size(pack);
    }
    return bytes;
  }
  [[nodiscard]] std::filesystem::path manifest(const SnapshotId& id) const {
    return root() / "manifests" / (id.text() + ".json");
  }

private:
  TemporaryDirectory directory_;
  std::filesystem::path root_;
};

/// Changes one byte of a file in its place.
inline void flip_byte(const std::filesystem::path& file, std::size_t at) {
  std::string content = read_file(file);
  content.at(at) = static_cast<char>(content.at(at) ^ 0x20);
  write_file(file, content);
}

} // namespace savepoint::test
