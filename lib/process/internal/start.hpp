#pragma once

#include "base/bytes.hpp"
#include "process/run.hpp"

#include <span>
#include <string>
#include <string_view>

// Boost 1.81's own headers do not pass -Wconversion and -Wshadow.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>
// The two above first: v2.hpp of 1.81 forgets them when it is told to use std::filesystem.
#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/process/v2.hpp>
#pragma GCC diagnostic pop

#include <csignal>
#include <cstddef>

namespace savepoint::process {

/// How much is read from a pipe at a time.
inline constexpr std::size_t k_piece = std::size_t{64} << 10U;
/// What a pipe holds at most.
inline constexpr std::size_t k_largest_pipe = std::size_t{1} << 20U;

/// Keeps this thread from dying of SIGPIPE while it writes to a child that may not read.
class PipeSignalBlocked {
public:
  PipeSignalBlocked();
  ~PipeSignalBlocked();
  PipeSignalBlocked(const PipeSignalBlocked&) = delete;
  PipeSignalBlocked& operator=(const PipeSignalBlocked&) = delete;

private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

/// Adds a piece to what a child complained of; of that only the last 64 KiB are kept.
void append_error_output(std::string& output, ByteView piece);

/// The next bytes of a pipe without waiting for any: as read(2), -1 and EAGAIN if there are none.
[[nodiscard]] std::ptrdiff_t read_at_once(boost::asio::readable_pipe& pipe,
                                          std::span<std::byte> into);

/// 128 + the signal's number where a signal ended the child.
[[nodiscard]] int exit_code_of(int status);

/// The file to run. Throws NotFoundError.
[[nodiscard]] std::string program_path(const Command& command);

/// Throws the IoError for a child that could not be started.
[[noreturn]] void throw_start_error(const boost::system::system_error& error,
                                    std::string_view program);

/// Starts `program` as `command` says, with a session of its own and pipes to its standard streams;
/// without `input` it reads nothing. Throws boost::system::system_error.
[[nodiscard]] boost::process::v2::process start(boost::asio::io_context& loop,
                                                const std::string& program, const Command& command,
                                                boost::asio::writable_pipe* input,
                                                boost::asio::readable_pipe& output,
                                                boost::asio::readable_pipe& error_output);

} // namespace savepoint::process
