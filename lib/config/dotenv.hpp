#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::config {

/// The keys that a `.env` file sets, in their order, each once. Never a value: those are skipped
/// over (quotes and several lines included) and not kept anywhere.
[[nodiscard]] std::vector<std::string> dotenv_keys(std::string_view text);

/// Whether a file of this name holds settings of the environment: `.env`, `.env.local`, `.envrc` …
[[nodiscard]] bool is_dotenv_name(std::string_view file_name);

/// Whether a file at this path below the root is one of the well-known configuration files of a
/// project (package.json, tsconfig.json, next.config.*, Dockerfile, …): code, and listed as config.
[[nodiscard]] bool is_known_config_file(std::string_view path);

} // namespace savepoint::config
