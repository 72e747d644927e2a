#include "discovery/internal/settings_tree.hpp"

#include <algorithm>

namespace savepoint::discovery {

const Value* Node::find(std::string_view key) const {
  const auto found = std::find_if(settings.rbegin(), settings.rend(),
                                  [&](const auto& setting) { return setting.first == key; });
  return found == settings.rend() ? nullptr : &found->second;
}

const Node* Node::child(std::string_view wanted) const {
  const auto found = std::ranges::find(children, wanted, &Node::label);
  return found == children.end() ? nullptr : &*found;
}

} // namespace savepoint::discovery
