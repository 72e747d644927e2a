#pragma once

#include <string>
#include <string_view>

namespace savepoint::drivers::mariadb {

/// An identifier between backquotes.
[[nodiscard]] std::string name_of(std::string_view identifier);
/// `schema`.`name`.
[[nodiscard]] std::string name_of(std::string_view schema, std::string_view identifier);
/// A string between quotes. Has no line break, whatever is in it.
[[nodiscard]] std::string literal(std::string_view value);
/// Appends a string between quotes to `to`.
void append_literal(std::string& to, std::string_view value);

/// Removes `DEFINER=…` from what SHOW CREATE gives for a view, trigger, routine or event.
[[nodiscard]] std::string without_definer(std::string statement);

/// Removes the name of `schema` from before the names of a trigger and of its table, where whoever
/// made the trigger wrote it. What the trigger does stays as it is.
[[nodiscard]] std::string trigger_without_schema(std::string_view statement,
                                                 std::string_view schema);

/// Replaces `from`.`name` by `to`.`name` (or by `name`, if `to` is empty) where it stands for a
/// stored function, for the sequence of a default value or for the table of a column.
[[nodiscard]] std::string with_other_schema(std::string_view sql, std::string_view from,
                                            std::string_view to);

} // namespace savepoint::drivers::mariadb
