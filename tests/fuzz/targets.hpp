#pragma once

#include "base/bytes.hpp"

#include <array>
#include <string_view>

// One parser of bytes that somebody else may have written, each. A target takes any bytes at all:
// it returns if they are refused by an exception of ours, and if they are read and what was read
// holds what the parser promises. Whatever else happens is a bug.
//
// To add one: targets/<name>.cpp, a line in each of the two lists here, and corpus/<name>/.
namespace savepoint::fuzz {

using Target = void (*)(ByteView);

void fuzz_config(ByteView bytes);
void fuzz_connection(ByteView bytes);
void fuzz_content(ByteView bytes);
void fuzz_document(ByteView bytes);
void fuzz_dotenv(ByteView bytes);
void fuzz_git_index(ByteView bytes);
void fuzz_git_listing(ByteView bytes);
void fuzz_hard_links(ByteView bytes);
void fuzz_manifest(ByteView bytes);
void fuzz_pack(ByteView bytes);
void fuzz_package(ByteView bytes);
void fuzz_settings(ByteView bytes);
void fuzz_stat_cache(ByteView bytes);
void fuzz_summary(ByteView bytes);
void fuzz_tree(ByteView bytes);

struct NamedTarget {
  std::string_view name;
  Target run;
};

inline constexpr std::array<NamedTarget, 15> k_targets{{
    {"config", fuzz_config},
    {"connection", fuzz_connection},
    {"content", fuzz_content},
    {"document", fuzz_document},
    {"dotenv", fuzz_dotenv},
    {"git_index", fuzz_git_index},
    {"git_listing", fuzz_git_listing},
    {"hard_links", fuzz_hard_links},
    {"manifest", fuzz_manifest},
    {"pack", fuzz_pack},
    {"package", fuzz_package},
    {"settings", fuzz_settings},
    {"stat_cache", fuzz_stat_cache},
    {"summary", fuzz_summary},
    {"tree", fuzz_tree},
}};

} // namespace savepoint::fuzz
