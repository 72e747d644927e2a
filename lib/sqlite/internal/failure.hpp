#pragma once

#include <string_view>

struct sqlite3;

namespace savepoint::sqlite {

/// Throws what the last failure of `handle` means: "cannot <action> database '<file>': <reason>".
[[noreturn]] void fail(sqlite3* handle, std::string_view action);
/// The same for a call that gave `code` and of a file that may not even be open.
[[noreturn]] void fail(int code, int system_errno, std::string_view action, std::string_view file,
                       std::string_view reason);

} // namespace savepoint::sqlite
