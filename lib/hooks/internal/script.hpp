#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint::hooks {

/// What our lines in a hook are to the file they stand in.
enum class Form {
  block,      ///< Lines in somebody else's script, which goes on behind them.
  own,        ///< All there is.
  aside,      ///< All there is; they end in the hook that was here and was moved aside.
  leading_on, ///< All there is; they end in the hook that git would have run without us.
};

/// Our lines for the hook of git that is called `name`, between their marks, the last line ended.
/// `executable` is savepoint-hooks. A hook in which no snapshot is taken only leads on.
[[nodiscard]] std::string lines_for(Form form, std::string_view name,
                                    const std::filesystem::path& executable);
/// A whole file of that form; not for `block`.
[[nodiscard]] std::string script_for(Form form, std::string_view name,
                                     const std::filesystem::path& executable);

/// What core.fsmonitor names: `executable` is savepoint-guard, `after` what the script does then.
[[nodiscard]] std::string guard_script(const std::filesystem::path& executable,
                                       std::string_view after);
/// For the inside of single quotes in a shell.
[[nodiscard]] std::string for_shell(const std::filesystem::path& path);

/// Our lines as they were found in a file.
struct Found {
  Form form = Form::own;
  std::string lines; ///< With their marks.
  std::string rest;  ///< The file without them.
};
[[nodiscard]] std::optional<Found> find_lines(std::string_view text);
/// Whether the lines stand in a file that is ours alone.
[[nodiscard]] bool is_ours_alone(const Found& found);

/// Whether `text` is a script of a shell that understands our lines, so that they can stand in it.
[[nodiscard]] bool takes_lines(std::string_view text);
/// `text` with our lines behind its first one. Requires `takes_lines(text)`.
[[nodiscard]] std::string with_lines(std::string_view text, std::string_view lines);

} // namespace savepoint::hooks
