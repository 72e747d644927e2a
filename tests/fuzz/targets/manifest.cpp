#include "manifest/manifest.hpp"
#include "fs/tree_writer.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/targets/sealed.hpp"

namespace savepoint::fuzz {
namespace {

void read(std::string_view text) {
  unless_refused([&] {
    const manifest::Manifest manifest = manifest::parse(text, "a manifest");
    promise(manifest::print_sealed(manifest::to_json(manifest)) == text,
            "a manifest is printed as it was");
    static_cast<void>(manifest.bytes());
    static_cast<void>(manifest::state_of(manifest));
  });
}

} // namespace

void fuzz_manifest(ByteView bytes) {
  read(as_text(bytes));
  unless_refused([&] { read(sealed(as_text(bytes))); });
}

} // namespace savepoint::fuzz
