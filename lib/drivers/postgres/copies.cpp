#include "drivers/postgres/internal/copies.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/facts.hpp"
#include "drivers/postgres/internal/fingerprint.hpp"
#include "drivers/postgres/internal/maintenance.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::string_view k_comment = "copy kept by savepoint, archive ";
constexpr std::size_t k_digest_size = 64;
constexpr std::string_view k_comment_of = ", of ";

constexpr int k_knows_strategies = 15;
/// Copying files costs two checkpoints, copying pages by the log costs twice the writing.
constexpr std::uint64_t k_copied_as_files = std::uint64_t{64} << 20U;

/// For sessions of ours that have just ended, and for the log to be on disk.
constexpr std::chrono::milliseconds k_patience{1000};
constexpr std::chrono::milliseconds k_nap{10};

/// The digest of the archive that `component` is; empty if there is none. It has owners and
/// privileges, which `details.content` may leave out: a copy brings them back in any case.
std::string archive_of(const manifest::DatabaseComponent& component) {
  return component.image.form == manifest::Content::Form::empty ? std::string()
                                                                : component.image.id.hex();
}

std::string comment(const std::string& archive, const std::string& database) {
  return std::string(k_comment) + archive + std::string(k_comment_of) + database;
}

std::string comment_of(const std::string& alias) {
  return "shobj_description(" + alias + ".oid, 'pg_database')";
}

/// SQL: the database that a copy is of.
std::string original_of(const std::string& alias) {
  const std::size_t begin = k_comment.size() + k_digest_size + k_comment_of.size() + 1;
  return "substr(" + comment_of(alias) + ", " + std::to_string(begin) + ")";
}

/// SQL: whether a database is a copy that our role made, complete or not.
std::string is_ours(const std::string& alias) {
  return alias + ".datname ~ '^savepoint_template_[0-9a-f]{16}$' AND pg_get_userbyid(" + alias +
         ".datdba) = current_user";
}

std::string is_complete(const std::string& alias) {
  return "NOT " + alias + ".datallowconn AND coalesce(" + comment_of(alias) + ", '') ~ '^" +
         std::string(k_comment) + "[0-9a-f]{64}" + std::string(k_comment_of) + "'";
}

/// The copies of a database, whatever they have.
std::vector<std::string> copies_of(Session& session, const std::string& database) {
  const Rows rows =
      session.query("SELECT datname FROM pg_database d WHERE " + is_ours("d") + " AND " +
                        is_complete("d") + " AND " + original_of("d") + " = $1 ORDER BY datname",
                    {database});
  std::vector<std::string> names;
  for (int row = 0; row < rows.count(); ++row) {
    names.push_back(rows.text(row, 0));
  }
  return names;
}

/// Asks again for a while, until there is an answer.
template <typename Ask> auto patiently(Ask ask) {
  const auto deadline = std::chrono::steady_clock::now() + k_patience;
  auto answer = ask();
  while (!answer && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(k_nap);
    answer = ask();
  }
  return answer;
}

/// Makes and removes the copies of one database. Counts its own transactions, so that what others
/// did meanwhile shows.
class Keeper {
public:
  Keeper(const database::Target& target, std::string archive)
      : target_(&target), access_(access_to(target)), archive_(std::move(archive)),
        maintenance_(access_), old_(copies_of(session(), access_.database)) {
    session().execute("SET synchronous_commit = on");
  }

  [[nodiscard]] bool has_old() const { return !old_.empty(); }
  /// Whether a copy is there that has what is wanted; it is not one of the old ones then.
  [[nodiscard]] bool has_current() {
    const Rows rows = session().query("SELECT datname FROM pg_database d WHERE " + is_ours("d") +
                                          " AND " + is_complete("d") + " AND " + comment_of("d") +
                                          " = $1 ORDER BY datname LIMIT 1",
                                      {comment(archive_, access_.database)});
    if (rows.count() == 0) {
      return false;
    }
    std::erase(old_, rows.text(0, 0));
    return true;
  }

  /// Looks at the database before anything is done. Returns why there can be no copy; empty if
  /// there can.
  [[nodiscard]] std::string begin(const std::string& fingerprint) {
    before_ = look_at(*target_);
    if (!before_ || before_->fingerprint() != fingerprint) {
      before_.reset();
      return "it may have changed since it was captured";
    }
    if (before_->has_unlogged) {
      return "it has unlogged tables, which a crash would empty";
    }
    if (!before_->is_moved_by(0, *before_)) {
      return "others are in the middle of a transaction";
    }
    return "";
  }

  /// Makes a copy. Returns why there is none; empty if there is one.
  [[nodiscard]] std::string make() {
    const auto alone = patiently([this] {
      return other_sessions(session(), access_.database, {}).empty() ? std::optional(true)
                                                                     : std::nullopt;
    });
    if (!alone) {
      return "others are connected: " + listed(other_sessions(session(), access_.database, {}));
    }
    const std::string name = maintenance_.name(Kind::copy);
    const std::uint64_t size =
        session().query("SELECT pg_database_size($1)", {access_.database}).number(0, 0);
    count("CREATE DATABASE " + quote_name(name) + " TEMPLATE " + quote_name(access_.database) +
          " ALLOW_CONNECTIONS false" + copy_strategy(session(), size));
    if (!look()) {
      drop_database(session(), name);
      return "others changed something on the server while it was copied";
    }
    count("COMMENT ON DATABASE " + quote_name(name) + " IS " +
          quote_text(comment(archive_, access_.database)));
    return "";
  }

  void drop_old() {
    for (const std::string& name : old_) {
      drop_database(session(), name);
      ++transactions_;
    }
    old_.clear();
  }

  /// By what the database is known now, if nobody but us did anything since `begin`.
  [[nodiscard]] std::optional<std::string> end() {
    if (transactions_ == 0) {
      return std::nullopt;
    }
    const std::optional<Look> now = patiently([this] {
      std::optional<Look> seen = look();
      return seen && !seen->is_durable ? std::nullopt : seen;
    });
    return now ? std::optional(now->fingerprint()) : std::nullopt;
  }

private:
  [[nodiscard]] Session& session() { return maintenance_.session(); }

  void count(const std::string& statement) {
    session().execute(statement);
    ++transactions_;
  }

  /// The database, if it was moved by what we did and nothing else.
  [[nodiscard]] std::optional<Look> look() {
    if (!before_) {
      return std::nullopt;
    }
    std::optional<Look> now = look_at(*target_);
    return now && now->is_moved_by(transactions_, *before_) ? now : std::nullopt;
  }

  const database::Target* target_;
  Access access_;
  std::string archive_;
  Maintenance maintenance_;
  std::vector<std::string> old_;
  std::optional<Look> before_;
  std::uint64_t transactions_ = 0;
};

database::Tended tend(const database::Target& target, const std::string& archive,
                      std::string fingerprint) {
  Keeper keeper(target, archive);
  const bool is_wanted = !archive.empty();
  const bool is_there = is_wanted && keeper.has_current();
  if (is_wanted == is_there && !keeper.has_old()) {
    return {std::move(fingerprint), ""};
  }
  std::string trouble = keeper.begin(fingerprint);
  if (is_wanted && !is_there) {
    if (trouble.empty()) {
      trouble = keeper.make();
    }
    if (!trouble.empty()) {
      return {std::move(fingerprint), std::move(trouble)};
    }
  }
  keeper.drop_old();
  std::optional<std::string> moved = keeper.end();
  return {moved ? std::move(*moved) : std::move(fingerprint), ""};
}

} // namespace

bool wants_copies(const database::Target& target) {
  return target.settings.strategy == "template";
}

void drop_copies(Session& session, const std::string& database) {
  for (const std::string& name : copies_of(session, database)) {
    try {
      drop_database(session, name);
    } catch (const ServerError& error) {
      if (error.state().empty()) {
        throw;
      }
    }
  }
}

database::Tended tend_copies(const database::Target& target,
                             const manifest::DatabaseComponent& component,
                             std::string fingerprint) {
  if (!wants_copies(target)) {
    return {std::move(fingerprint), ""}; // the capture has dropped what was left
  }
  try {
    return tend(target, archive_of(component), fingerprint);
  } catch (const ServerError& error) {
    if (error.state() == k_object_in_use) {
      return {std::move(fingerprint), "others are connected"};
    }
    return {std::move(fingerprint), error.what()};
  } catch (const Error& error) {
    return {std::move(fingerprint), error.what()};
  }
}

std::optional<std::string> find_copy(Session& session, const manifest::DatabaseComponent& expected,
                                     const std::string& database) {
  const std::string archive = archive_of(expected);
  if (archive.empty()) {
    return std::nullopt;
  }
  const Rows rows =
      session.query("SELECT datname FROM pg_database d WHERE " + is_ours("d") + " AND " +
                        is_complete("d") + " AND starts_with(" + comment_of("d") +
                        ", $1) ORDER BY " + original_of("d") + " <> $2, datname LIMIT 1",
                    {comment(archive, ""), database});
  return rows.count() == 0 ? std::nullopt : std::optional(rows.text(0, 0));
}

std::string copy_strategy(Session& session, std::uint64_t size) {
  if (session.major() < k_knows_strategies) {
    return "";
  }
  return size < k_copied_as_files ? " STRATEGY wal_log" : " STRATEGY file_copy";
}

std::string abandoned_copies(const std::string& alias) {
  return is_ours(alias) + " AND NOT (" + is_complete(alias) +
         " AND EXISTS (SELECT 1 FROM pg_database o WHERE o.datname = " + original_of(alias) + "))";
}

} // namespace savepoint::drivers::postgres
