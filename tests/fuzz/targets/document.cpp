#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/targets/sealed.hpp"
#include "manifest/summary.hpp"
#include "store/internal/header.hpp"
#include "store/internal/journal_document.hpp"
#include "store/internal/prune_mark.hpp"

namespace savepoint::fuzz {
namespace {

void read_as_each_kind(std::string_view text) {
  unless_refused([&] {
    const manifest::Marks marks = manifest::parse_marks(text, "marks");
    promise(manifest::print_marks(marks) == text, "marks are printed as they were");
  });
  unless_refused([&] {
    const auto pruned = store::parse_prune_mark(text, "a prune mark");
    static_cast<void>(store::parse_prune_mark(store::print_prune_mark(pruned), "its print"));
  });
  unless_refused([&] {
    const store::Journal journal = store::parse_journal(text, "a journal");
    static_cast<void>(store::parse_journal(store::print_journal(journal), "its print"));
  });
  unless_refused([&] {
    const store::StoreHeader header = store::parse_header(text, "store.json");
    static_cast<void>(store::parse_header(store::print_header(header), "its print"));
  });
}

} // namespace

void fuzz_document(ByteView bytes) {
  read_as_each_kind(as_text(bytes));
  unless_refused([&] { read_as_each_kind(sealed(as_text(bytes))); });
}

} // namespace savepoint::fuzz
