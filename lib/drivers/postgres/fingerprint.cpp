#include "drivers/postgres/internal/fingerprint.hpp"

#include "base/binary.hpp"
#include "drivers/postgres/internal/maintenance.hpp"
#include "drivers/postgres/internal/session.hpp"
#include "hash/sha256.hpp"

#include <charconv>
#include <chrono>
#include <string_view>
#include <thread>

namespace savepoint::drivers::postgres {

namespace {

// What every change of content changes. The view comes first: what is asked after it is at least
// as new.
constexpr const char* k_state = "SELECT pg_is_in_recovery(), "
                                "(SELECT system_identifier FROM pg_control_system()), "
                                "(SELECT timeline_id FROM pg_control_checkpoint()), "
                                "(SELECT oid FROM pg_database WHERE datname = current_database()), "
                                "current_setting('server_version_num'), "
                                "extract(epoch FROM pg_postmaster_start_time())";

// Sequences count on within what they have logged ahead, without a transaction that others see.
constexpr const char* k_sequences =
    "SELECT c.oid, pg_sequence_last_value(c.oid), c.relpersistence = 'u' OR NOT "
    "has_sequence_privilege(c.oid, 'USAGE, SELECT') FROM pg_class c WHERE c.relkind = 'S' AND "
    "c.relpersistence <> 't' ORDER BY c.oid";

/// A crash empties unlogged tables, and no transaction shows it; but a checkpoint ends its
/// recovery.
constexpr const char* k_unlogged =
    "SELECT (SELECT checkpoint_lsn FROM pg_control_checkpoint()) WHERE EXISTS (SELECT 1 FROM "
    "pg_class WHERE relpersistence = 'u')";

// What has been committed and is not on disk yet can be forgotten by a crash, and the numbers of
// its transactions be given again. At the beginning of a page the two positions differ by the
// page's header.
constexpr const char* k_is_durable =
    "SELECT pg_current_wal_flush_lsn() >= i OR (i - pg_current_wal_flush_lsn() <= 40 AND "
    "(pg_current_wal_flush_lsn() - '0/0'::pg_lsn) % 8192 = 0) FROM pg_current_wal_insert_lsn() i";

constexpr std::chrono::milliseconds k_flush_patience{600};
constexpr std::chrono::milliseconds k_nap{5};

bool is_durable(Session& session) {
  return session.query(k_is_durable).truth(0, 0);
}

/// Whether everything is on disk, or is soon. What a reader has written by tidying up pages stays
/// in memory until somebody commits: for up to 15 s nothing could be said then. So we commit, a
/// message that nobody reads and that needs no transaction number.
bool becomes_durable(Session& session) {
  if (is_durable(session)) {
    return true;
  }
  try {
    (void)session.query("SELECT pg_logical_emit_message(false, 'savepoint', '')");
  } catch (const ServerError& error) {
    if (error.state().empty()) {
      throw;
    }
    return false; // not for us to call
  }
  const auto deadline = std::chrono::steady_clock::now() + k_flush_patience;
  while (!is_durable(session)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return false;
    }
    std::this_thread::sleep_for(k_nap);
  }
  return true;
}

void add(BinaryWriter& out, const Rows& rows, int columns) {
  out.varint(static_cast<std::uint64_t>(rows.count()));
  for (int row = 0; row < rows.count(); ++row) {
    for (int column = 0; column < columns; ++column) {
      out.u8(rows.is_null(row, column) ? 0 : 1);
      out.string(rows.text(row, column));
    }
  }
}

/// The number that the next transaction gets, if none is under way: 12 of "12:12:".
std::optional<std::uint64_t> next_of_idle(const std::string& view) {
  std::uint64_t oldest = 0;
  std::uint64_t next = 0;
  const char* const end = view.data() + view.size();
  const auto [colon, first_error] = std::from_chars(view.data(), end, oldest);
  if (first_error != std::errc() || colon == end) {
    return std::nullopt;
  }
  const auto [rest, second_error] = std::from_chars(colon + 1, end, next);
  const bool is_idle = second_error == std::errc() && std::string_view(rest, end) == ":";
  return is_idle && oldest == next ? std::optional(next) : std::nullopt;
}

} // namespace

std::string Look::fingerprint() const {
  BinaryWriter out;
  out.string(view);
  out.string(rest);
  return "postgres-2:" + hash::sha256(out.view()).hex();
}

bool Look::is_moved_by(std::uint64_t transactions, const Look& before) const {
  const std::optional<std::uint64_t> first = next_of_idle(before.view);
  const std::optional<std::uint64_t> now = next_of_idle(view);
  return first && now && rest == before.rest && *now == *first + transactions;
}

std::optional<Look> look_at(const database::Target& target) {
  try {
    const Access access = access_to(target);
    Session session(access, access.database);
    const Rows state = session.query(k_state);
    if (state.truth(0, 0)) {
      return std::nullopt; // a standby repeats what its primary did, and counts otherwise
    }
    if (!abandoned_databases(session).empty()) {
      return std::nullopt; // so that a capture comes and drops them
    }
    Look look;
    look.view = session
                    .query(session.major() >= 13 ? "SELECT pg_current_snapshot()::text"
                                                 : "SELECT txid_current_snapshot()::text")
                    .text(0, 0);
    look.is_durable = becomes_durable(session);
    const Rows sequences = session.query(k_sequences);
    for (int row = 0; row < sequences.count(); ++row) {
      if (sequences.truth(row, 2)) {
        return std::nullopt; // not ours to read, or unlogged: those go to and fro unseen
      }
    }
    const Rows unlogged = session.query(k_unlogged);
    look.has_unlogged = unlogged.count() > 0;
    BinaryWriter out;
    add(out, state, 6);
    add(out, sequences, 2);
    add(out, unlogged, 1);
    look.rest = as_text(out.view());
    return look;
  } catch (const NotFoundError&) {
    return std::nullopt;
  } catch (const DatabaseError&) {
    return std::nullopt; // the capture will say what is wrong
  }
}

std::optional<std::string> fingerprint(const database::Target& target) {
  const std::optional<Look> look = look_at(target);
  return look && look->is_durable ? std::optional(look->fingerprint()) : std::nullopt;
}

} // namespace savepoint::drivers::postgres
