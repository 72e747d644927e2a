#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::config {

/// The keys that a `.env` file sets, in their order, each once. Never a value: those are skipped
/// over (quotes and several lines included) and not kept anywhere.
[[nodiscard]] std::vector<std::string> dotenv_keys(std::string_view text);

/// One statement of a `.env` file, before anybody's rules are applied to its value.
struct DotenvSetting {
  std::string key;
  std::size_t line = 0; ///< Counted from 1.
  char quote = '\0';    ///< One of ' " `, or none.
  std::string text;     ///< Between the quotes; without quotes, the rest of the line.
  std::string behind;   ///< What follows the closing quote in its line.
};

/// All statements in their order, duplicates included.
[[nodiscard]] std::vector<DotenvSetting> dotenv_settings(std::string_view text);

/// Whose rules a value is read by: programs do not agree on what `#` and `$` mean.
enum class DotenvDialect {
  javascript,           ///< `#` begins a comment anywhere; `$` means nothing.
  expanding_javascript, ///< The same, and `$X` and `${X}` are replaced (Next.js, Vite, Prisma …).
  python,               ///< `#` behind a blank begins a comment; `${X}` is replaced.
  go,                   ///< `#` behind a blank begins a comment; `$X` and `${X}` are replaced.
  ruby,                 ///< As expanding_javascript, but backticks are no quotes.
  shell,                ///< As go.
};

/// What a statement sets its key to.
struct DotenvValue {
  std::string value;                ///< By the rules of the dialect asked for.
  std::vector<std::string> others;  ///< What other dialects make of it, where that differs.
  std::vector<std::string> missing; ///< Variables it refers to that are not set.
  bool is_command = false; ///< Holds `$(…)` or backticks that some would execute. We never do.
};

/// Where `${X}` finds its value: what was set before, and the environment.
using DotenvLookup = std::function<std::optional<std::string>(std::string_view)>;

[[nodiscard]] DotenvValue dotenv_value(const DotenvSetting& setting, DotenvDialect dialect,
                                       const DotenvLookup& look_up);

/// Whether a file of this name holds settings of the environment: `.env`, `.env.local`, `.envrc` …
[[nodiscard]] bool is_dotenv_name(std::string_view file_name);

/// Whether a file at this path below the root is one of the well-known configuration files of a
/// project (package.json, tsconfig.json, next.config.*, Dockerfile, …): code, and listed as config.
[[nodiscard]] bool is_known_config_file(std::string_view path);

} // namespace savepoint::config
