#include "manifest/sealed_document.hpp"

#include "base/error.hpp"
#include "hash/sha256.hpp"

namespace savepoint::manifest {
namespace {

constexpr std::string_view k_checksum = "checksum";

[[noreturn]] void damaged(std::string_view what, std::string_view why) {
  throw CorruptionError(std::string(what) + " is damaged: " + std::string(why));
}

json::Value parse_any(std::string_view text, std::string_view what) {
  try {
    return json::parse(text, what);
  } catch (const UsageError& error) { // nobody typed this document
    throw CorruptionError(error.what());
  }
}

void check_format(const json::Value& document, std::string_view what, const Format& format) {
  const json::Value* const name = document.find("format");
  const json::Value* const version = document.find("version");
  if (name == nullptr || *name != json::Value(format.name) || version == nullptr ||
      !version->is_integer() || version->as_integer() < 1) {
    damaged(what, "it does not say '" + std::string(format.name) + "' and a version");
  }
  if (version->as_integer() > format.version) {
    throw NotFoundError(
        std::string(what) + " is of version " + std::to_string(version->as_integer()) +
            ", and this savepoint reads up to version " + std::to_string(format.version),
        "use the newer savepoint that wrote it");
  }
}

} // namespace

std::string print_sealed(json::Value document) {
  const std::string digest = hash::sha256(as_bytes(json::print(document))).hex();
  document.set(k_checksum, digest);
  return json::print(document);
}

json::Value parse_sealed(std::string_view text, std::string_view what, const Format& format) {
  json::Value document = parse_any(text, what);
  check_format(document, what, format);

  json::Members& members = document.members();
  if (members.back().first != k_checksum) {
    damaged(what, "its last member is not its checksum");
  }
  members.pop_back();
  if (print_sealed(document) != text) {
    damaged(what, "it does not match its checksum");
  }
  return document;
}

} // namespace savepoint::manifest
