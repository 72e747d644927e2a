#pragma once

#include <map>
#include <string>

namespace savepoint::drivers::command {

/// What a program said, without what looks like a secret: passwords in URLs, values after words
/// such as `password=`, and the values of variables that by their names hold secrets.
[[nodiscard]] std::string without_secrets(std::string text,
                                          const std::map<std::string, std::string>& environment);

} // namespace savepoint::drivers::command
