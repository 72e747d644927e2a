#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::json {

/// A member of an object whose value is a text.
using TextMember = std::pair<std::string, std::string>;

/// A document with some texts of one of its objects set, and every other byte as it was. What is
/// there already gets its value replaced; what is not is appended, as the lines around it are
/// written. The object is made if there is none.
///
/// Requires `text` to be a document whose root is an object, and so its member `object` if it has
/// one.
[[nodiscard]] std::string set_texts(std::string_view text, std::string_view object,
                                    const std::vector<TextMember>& members);

/// The reverse of appending: a document without some members of one of its objects, and without
/// that object if nothing is left in it. Requires what `set_texts` does.
[[nodiscard]] std::string remove_members(std::string_view text, std::string_view object,
                                         const std::vector<std::string>& keys);

} // namespace savepoint::json
