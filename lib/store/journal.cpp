#include "store/journal.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "hash/sha256.hpp"
#include "store/internal/documents.hpp"
#include "store/internal/journal_document.hpp"
#include "store/internal/store_state.hpp"

namespace savepoint::store {
namespace {

std::filesystem::path path_of(const Layout& layout, const WorkTree& tree) {
  return layout.journal(digest_of(tree));
}

} // namespace

hash::Digest digest_of(const WorkTree& tree) {
  return hash::sha256(as_bytes(tree.project.id + '\0' + tree.project.worktree + '\0' +
                               std::to_string(tree.root_inode)));
}

void write_journal(Store& store, const Journal& journal) {
  Store::State& state = store.state();
  state.header.require(Operation::write);
  write_document(state, path_of(state.layout, journal.tree), print_journal(journal));
}

void remove_journal(Store& store, const WorkTree& tree) {
  const Layout& layout = store.state().layout;
  if (fs::remove_file(path_of(layout, tree))) {
    fs::sync_directory(layout.journals());
  }
}

std::optional<Journal> find_journal(const std::filesystem::path& root, const WorkTree& tree) {
  const Layout layout(root);
  return read_journal(layout, path_of(layout, tree));
}

Journals list_journals(const Store& store) {
  const Layout& layout = store.state().layout;
  Journals journals;
  for (const std::filesystem::path& path : layout.list_journals()) {
    try {
      if (std::optional<Journal> journal = read_journal(layout, path)) {
        journals.whole.push_back(std::move(*journal));
      }
    } catch (const CorruptionError&) {
      journals.unreadable.push_back(path);
    } catch (const NotFoundError&) {
      journals.unreadable.push_back(path);
    }
  }
  return journals;
}

} // namespace savepoint::store
