#pragma once

#include "fs/descriptor.hpp"
#include "fs/status.hpp"
#include "git/blob.hpp"

#include <optional>
#include <string_view>

namespace savepoint::project {

/// The id that git gives to a regular file's content, if no conversion of line ends or idents can
/// change it: then it needs no repository, and threads need not wait for each other. Nothing if one
/// might, if the file cannot be read, or if it is no longer what `status` says.
[[nodiscard]] std::optional<git::RawId> plain_object(const fs::Descriptor& directory,
                                                     const char* name, const fs::FileStatus& status,
                                                     std::size_t id_length);

/// Whether a file of attributes says anything of encodings, the one conversion that does not show
/// in the content.
[[nodiscard]] bool mentions_encodings(std::string_view attributes);

} // namespace savepoint::project
