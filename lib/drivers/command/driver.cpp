#include "drivers/command/driver.hpp"

#include "base/printable.hpp"
#include "drivers/command/internal/capture.hpp"
#include "drivers/command/internal/restoration.hpp"

namespace savepoint::drivers::command {
namespace {

/// Stateless: everything is in the two commands of the target. That they may run was seen to by
/// whoever made the target.
class CommandDriver final : public database::Driver {
public:
  [[nodiscard]] std::string_view name() const override { return "command"; }

  /// Nothing can be promised of a command that somebody else wrote.
  [[nodiscard]] database::Capabilities capabilities() const override {
    return {.rehearses = false}; // a command knows one database only: the real one
  }

  [[nodiscard]] std::optional<std::string> fingerprint(const database::Target&,
                                                       Timestamp) const override {
    return std::nullopt;
  }

  [[nodiscard]] std::unique_ptr<database::Capture>
  open_capture(const database::Target& target, const std::filesystem::path&,
               std::chrono::milliseconds, const Cancellation& cancellation) const override {
    return std::make_unique<CommandCapture>(target, cancellation);
  }

  [[nodiscard]] std::unique_ptr<database::Restoration>
  open_restoration(const database::Target& target, const manifest::DatabaseComponent&,
                   const database::RestorationOptions& options) const override {
    return command::open_restoration(target, options);
  }

  [[nodiscard]] std::unique_ptr<database::Restoration>
  open_rehearsal(const database::Target& target, const manifest::DatabaseComponent&,
                 const database::RestorationOptions&) const override {
    throw RefusedError("cannot rehearse the restore of " + quoted(target.name) +
                           ": its 'restore' command knows one database only, the real one",
                       "to try a restore, run the command by hand against a copy");
  }

  /// Commands are there for what cannot be looked at: there may always be something in it.
  [[nodiscard]] Presence presence(const database::Target&) const override {
    return Presence::filled;
  }
};

} // namespace

std::unique_ptr<database::Driver> make_command_driver() {
  return std::make_unique<CommandDriver>();
}

} // namespace savepoint::drivers::command
