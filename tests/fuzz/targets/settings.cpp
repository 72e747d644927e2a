#include "discovery/internal/settings_tree.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"

namespace savepoint::fuzz {

// The first byte says in which language the rest is written.
void fuzz_settings(ByteView bytes) {
  if (bytes.empty()) {
    return;
  }
  const std::string_view text = as_text(bytes.subspan(1));
  const auto language = std::to_integer<unsigned>(bytes[0]);
  const auto placeholders = static_cast<discovery::Placeholders>(language / 8 % 7);
  switch (language % 6) {
  case 0:
    static_cast<void>(discovery::read_source(text, discovery::Language::javascript));
    return;
  case 1:
    static_cast<void>(discovery::read_source(text, discovery::Language::python));
    return;
  case 2:
    static_cast<void>(discovery::read_source(text, discovery::Language::blocks));
    return;
  case 3:
    static_cast<void>(discovery::read_yaml(text, placeholders));
    return;
  case 4:
    static_cast<void>(discovery::read_lines(text, placeholders));
    return;
  default:
    static_cast<void>(discovery::text_value(text, placeholders, 1));
  }
}

} // namespace savepoint::fuzz
