#include "drivers/mariadb/internal/restoration.hpp"
#include "drivers/mariadb/internal/scratch.hpp"
#include "drivers/mariadb/internal/staged.hpp"

#include "base/error.hpp"

namespace savepoint::drivers::mariadb {

namespace {

class MariadbRehearsal final : public database::Restoration {
public:
  MariadbRehearsal(const database::Target& target, const manifest::DatabaseComponent& expected,
                   const database::RestorationOptions& options)
      : control_(target.address, names_),
        staged_(control_, names_, names_.rehearsal(), expected, options) {}
  ~MariadbRehearsal() override {
    try {
      discard(control_, names_);
    } catch (const Error&) {
      return; // the next operation on this server sweeps it away
    }
  }

  void write(ByteView bytes) override { staged_.write(bytes); }
  void check(const manifest::DatabaseComponent& expected) override { staged_.check(expected); }
  void swap() override { bug("a rehearsal has nothing to swap into"); }
  void undo() override { bug("a rehearsal has nothing to undo"); }
  void close() override {}

private:
  ScratchNames names_;
  OwnerSession control_;
  Staged staged_;
};

} // namespace

std::unique_ptr<database::Restoration> open_rehearsal(const database::Target& target,
                                                      const manifest::DatabaseComponent& expected,
                                                      const database::RestorationOptions& options) {
  return std::make_unique<MariadbRehearsal>(target, expected, options);
}

} // namespace savepoint::drivers::mariadb
