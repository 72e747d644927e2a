#include "drivers/command/internal/capture.hpp"

#include "base/printable.hpp"
#include "drivers/command/internal/shell.hpp"

#include <utility>

namespace savepoint::drivers::command {
namespace {

// Dumps change a little everywhere: small pieces make small differences.
constexpr std::size_t k_average_chunk = std::size_t{16} << 10U;

} // namespace

CommandCapture::CommandCapture(const database::Target& target, const Cancellation& cancellation)
    : target_(target), dump_(shell_command(dump_of(target_)), cancellation) {}

database::StreamShape CommandCapture::shape() const {
  return {.average_chunk = k_average_chunk};
}

std::size_t CommandCapture::read(std::span<std::byte> into) {
  if (is_finished_ || into.empty()) {
    return 0;
  }
  const std::size_t got = dump_.read(into);
  if (got == 0) {
    finish();
    return 0;
  }
  hash_.update(into.first(got));
  size_ += got;
  return got;
}

void CommandCapture::finish() {
  is_finished_ = true;
  require_success(dump_of(target_), dump_.finish());
  if (size_ == 0) {
    throw DatabaseError("the 'dump' command of " + quoted(std::as_const(target_.name)) +
                            " ended without an error and without a single byte",
                        "it has to write the database to its standard output");
  }
}

manifest::DatabaseComponent CommandCapture::describe() {
  manifest::DatabaseComponent component;
  component.driver = "command";
  component.size = size_;
  component.details.set(k_digest, hash_.finish().hex());
  return component;
}

} // namespace savepoint::drivers::command
