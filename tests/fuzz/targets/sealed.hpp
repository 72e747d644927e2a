#pragma once

#include "manifest/sealed_document.hpp"
#include "json/value.hpp"

#include <string>
#include <string_view>

namespace savepoint::fuzz {

/// The document in `text` with a checksum that fits, so that what is behind it is tried as well.
[[nodiscard]] inline std::string sealed(std::string_view text) {
  json::Value document = json::parse(text, "a document");
  if (!document.is_object()) {
    return std::string(text);
  }
  std::erase_if(document.members(), [](const auto& member) { return member.first == "checksum"; });
  return manifest::print_sealed(std::move(document));
}

} // namespace savepoint::fuzz
