#include "web/lines.hpp"

#include <algorithm>
#include <utility>

namespace savepoint::web {

bool add_kind(json::Value& document, const std::optional<git::TextDiff>& text) {
  document.set("is", !text ? "too large" : text->is_binary ? "binary" : "text");
  return text && !text->is_binary;
}

void add_lines(json::Value& document, const std::vector<std::string>& lines, const Page& page) {
  json::Value items = json::Value::array();
  const auto [begin, end] = part_of(lines, page);
  std::for_each(begin, end,
                [&](const std::string& line) { items.push(json::text_or_bytes(line)); });
  document.set("total", std::uint64_t{lines.size()});
  document.set("lines", std::move(items));
}

} // namespace savepoint::web
