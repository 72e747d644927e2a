#pragma once

#include "database/driver.hpp"
#include "drivers/sqlite/internal/image.hpp"
#include "fs/status.hpp"

namespace savepoint::drivers::sqlite {

/// Driver::is_database.
[[nodiscard]] bool is_database(const database::Target& target);

/// Driver::open_capture.
[[nodiscard]] std::unique_ptr<database::Capture> open_capture(const database::Target& target,
                                                              const std::filesystem::path& scratch,
                                                              std::chrono::milliseconds wait,
                                                              const Cancellation& cancellation);

/// Makes a capture of `image`, a copy of the database whose file was as `source` says. Null if the
/// image is none of a database.
[[nodiscard]] std::unique_ptr<database::Capture> make_capture(std::shared_ptr<ImageFile> image,
                                                              const fs::FileStatus& source);

} // namespace savepoint::drivers::sqlite
