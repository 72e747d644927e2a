#pragma once

#include "base/bytes.hpp"
#include "base/cancellation.hpp"
#include "process/run.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace savepoint::process {

/// How a child ended.
struct Ended {
  int exit_code = 0;        ///< 128 + the signal's number where a signal ended it.
  std::string error_output; ///< At most 64 KiB, the last ones.
};

/// Hears what a child says on its error output, piece by piece, while it is read from or finished.
using ErrorListener = std::function<void(std::string_view piece)>;

/// What becomes of a child once cancellation is requested.
enum class WhenCancelled {
  kill,      ///< It is killed, and Cancelled is thrown.
  interrupt, ///< It gets a SIGINT, once, and is read from and finished as any other.
};

/// A child whose output is read, or whose input is written, while it runs: for streams that are too
/// large for memory. Its error output is collected meanwhile. Of `Command`, `input` and `timeout`
/// do not count. Otherwise as `run`.
///
///   Child dump(command, cancellation);            Child load(command, cancellation);
///   while (dump.read(piece) > 0) …                load.write(piece) …
///   const Ended ended = dump.finish();            const Ended ended = load.finish();
class Child {
public:
  /// Throws NotFoundError if the program does not exist, IoError if it cannot be started.
  /// `cancellation` must outlive the child; `read`, `write` and `finish` look at it.
  Child(const Command& command, const Cancellation& cancellation, ErrorListener listener = {},
        WhenCancelled when_cancelled = WhenCancelled::kill);
  /// Kills the child, and all it started, if `finish` was not called, and waits for its end.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next bytes of its output; 0 at its end. It gets no input from then on.
  [[nodiscard]] std::size_t read(std::span<std::byte> into);
  /// Gives it input. What it says meanwhile on its output is thrown away. Returns false once it
  /// does not want any more: `finish` tells why. Throws IoError, or BusyError if there is no room.
  [[nodiscard]] bool write(ByteView bytes);
  /// Ends its input and waits for its end. Output that was not read is thrown away.
  [[nodiscard]] Ended finish();

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace savepoint::process
