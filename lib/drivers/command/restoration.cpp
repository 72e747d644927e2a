#include "drivers/command/internal/restoration.hpp"

#include "base/printable.hpp"
#include "drivers/command/internal/capture.hpp"
#include "drivers/command/internal/shell.hpp"
#include "drivers/command/internal/spool.hpp"

#include <optional>
#include <utility>

namespace savepoint::drivers::command {
namespace {

constexpr std::size_t k_piece = std::size_t{256} << 10U;

const Cancellation& never() {
  static const Cancellation cancellation;
  return cancellation;
}

class CommandRestoration final : public database::Restoration {
public:
  CommandRestoration(const database::Target& target, const database::RestorationOptions& options)
      : target_(target), scratch_(options.scratch),
        cancellation_(options.cancellation == nullptr ? &never() : options.cancellation),
        staged_(scratch_) {}

  void write(ByteView bytes) override { staged_.write(bytes); }

  void check(const manifest::DatabaseComponent& expected) override {
    const std::string digest = staged_.digest().hex();
    if (staged_.size() == 0 || staged_.size() != expected.size ||
        digest != expected.details.at(k_digest).as_string()) {
      throw CorruptionError("the dump of " + quoted(std::as_const(target_.name)) +
                            " is not the one that was captured");
    }
  }

  void swap() override {
    keep_old();
    try {
      feed(staged_, *cancellation_);
    } catch (const Error& error) {
      put_back(error.hint());
      throw;
    } catch (const Cancelled&) {
      put_back({});
      throw;
    }
  }

  void undo() override { feed(*old_, never()); }

  void close() override { old_.reset(); }

private:
  /// There is no name to swap back: what is in the database now is dumped before anything changes.
  void keep_old() {
    old_.emplace(scratch_);
    CommandCapture capture(target_, *cancellation_);
    Bytes piece(k_piece);
    while (const std::size_t got = capture.read(piece)) {
      old_->write(ByteView(piece).first(got));
    }
  }

  void feed(const Spool& image, const Cancellation& cancellation) const {
    const Script script = restore_of(target_);
    process::Child restore(shell_command(script), cancellation);
    bool wants_more = true;
    image.replay([&](ByteView piece) { return wants_more = restore.write(piece); });
    require_success(script, restore.finish());
    if (!wants_more) {
      throw DatabaseError("the 'restore' command of " + quoted(std::as_const(target_.name)) +
                              " ended without an error before it had read everything",
                          "it has to read its standard input to the end");
    }
  }

  /// The restore command failed, or was ended, and may have done a part of its work.
  void put_back(const std::string& hint) const {
    try {
      feed(*old_, never());
    } catch (Error& error) {
      error.set_changed(Changed::yes);
      error.set_hint((hint.empty() ? hint : hint + "; ") + "what was in " +
                     quoted(std::as_const(target_.name)) +
                     " before could not be put back: it is in the newest safety snapshot");
      throw;
    }
  }

  database::Target target_;
  std::filesystem::path scratch_;
  const Cancellation* cancellation_;
  Spool staged_;
  std::optional<Spool> old_;
};

} // namespace

std::unique_ptr<database::Restoration>
open_restoration(const database::Target& target, const database::RestorationOptions& options) {
  if (target.settings.restore.empty()) {
    throw RefusedError("cannot restore " + quoted(target.name) +
                           ": its entry in the settings has no 'restore'",
                       "add the shell command that reads what 'dump' wrote from its standard "
                       "input, then run 'savepoint trust'");
  }
  if (!options.tables.empty()) {
    throw RefusedError("cannot restore single tables of " + quoted(target.name) +
                           ": only its commands know what is in its dump",
                       "restore all of it, or export the snapshot and take the dump from there");
  }
  return std::make_unique<CommandRestoration>(target, options);
}

} // namespace savepoint::drivers::command
