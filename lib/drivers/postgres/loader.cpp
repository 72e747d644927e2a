#include "drivers/postgres/internal/loader.hpp"

#include "base/printable.hpp"
#include "fs/files.hpp"

#include <algorithm>
#include <iterator>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::size_t k_first_try = std::size_t{4} << 10U;
/// From here on pg_restore sets what older servers do not know.
constexpr int k_knows_transaction_timeout = 17;

/// Of smaller archives the connections would cost more than they gain.
constexpr std::uint64_t k_worth_spooling = std::uint64_t{4} << 20U;
/// Two keep two processors of the server busy; while one of them waits for its disk the third
/// works. Measured: two take two thirds of the time of one, three a seventh less than two.
constexpr const char* k_jobs = "--jobs=3";

constexpr std::string_view k_extension_prefix = "EXTENSION ";
constexpr const char* k_extension = "extension ";
constexpr std::string_view k_database_prefix = "DATABASE ";

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : ", ") + part;
  }
  return text;
}

/// Whether our role could make an extension, or needs not to because it is there already.
bool can_have_extension(Session& session, const std::string& name) {
  const char* trusted = session.major() >= 13 ? "v.trusted" : "false";
  const Rows rows = session.query(
      "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = $1) OR EXISTS (SELECT 1 FROM "
      "pg_available_extension_versions v WHERE v.name = $1 AND (" +
          std::string(trusted) +
          " OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)))",
      {name});
  return rows.truth(0, 0);
}

bool is_superuser(Session& session) {
  return session.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").truth(0, 0);
}

/// Whether nobody but a superuser may make it, and nothing else needs it.
bool is_for_superusers(const ArchiveEntry& entry) {
  return entry.kind == "EVENT TRIGGER" ||
         (entry.kind == "PUBLICATION" &&
          entry.definition.find(" FOR ALL TABLES") != std::string::npos);
}

bool owns_extension(Session& session, const std::string& name) {
  const Rows rows = session.query(
      "SELECT count(*) = 0 FROM pg_extension WHERE extname = $1 AND NOT pg_has_role(extowner, "
      "'USAGE')",
      {name});
  return rows.truth(0, 0);
}

bool owns_public_schema(Session& session) {
  const Rows rows = session.query("SELECT count(*) = 0 FROM pg_namespace WHERE nspname = 'public' "
                                  "AND NOT pg_has_role(nspowner, 'USAGE')");
  return rows.truth(0, 0);
}

} // namespace

Loader::Loader(const RestoreRequest& request, Program program, std::string database,
               std::uint64_t size)
    : request_(&request), program_(std::move(program)), database_(std::move(database)), size_(size),
      next_try_(k_first_try),
      environment_(request.access, request.target, database_, request.options.scratch) {
  // The whole database is durable when it gets its name, or it is thrown away.
  environment_.set_option("synchronous_commit=off");
  environment_.set_option("default_transaction_read_only=off");
}

void Loader::write(ByteView bytes) {
  if (head_) {
    data_->pass(bytes);
    send(bytes);
    return;
  }
  first_.insert(first_.end(), bytes.begin(), bytes.end());
  if (first_.size() < next_try_) {
    return;
  }
  next_try_ = first_.size() * 2;
  head_ = parse_head(first_);
  if (head_) {
    begin();
  }
}

void Loader::begin() {
  data_.emplace(*head_, static_cast<ArchiveReader&>(*this));
  Bytes head = without_entries(ByteView(first_).first(head_->size), *head_, unwanted());
  if (is_to_be_spooled()) {
    spooled_.emplace(request_->options.scratch, std::move(head));
  } else {
    start(nullptr);
    send(head);
  }
  const ByteView rest = ByteView(first_).subspan(head_->size);
  data_->pass(rest);
  send(rest);
  first_ = {};
}

/// Elsewhere there is no file of ours, and who says what the server does not know (`judge`) would
/// say it on each connection.
bool Loader::is_to_be_spooled() const {
  return size_ >= k_worth_spooling && !program_.is_inside && is_understood() &&
         fs::free_space(request_->options.scratch) >= 2 * size_;
}

bool Loader::is_understood() const {
  return program_.major < k_knows_transaction_timeout ||
         server_major_ >= k_knows_transaction_timeout;
}

/// Runs pg_restore, on a complete archive or on what it will be sent.
void Loader::start(const std::filesystem::path* archive) {
  for (const std::string& setting : endless_settings(server_major_)) {
    environment_.set_option(setting);
  }
  std::vector<std::string> arguments{"--no-password"};
  if (is_understood()) {
    arguments.emplace_back("--exit-on-error");
  }
  if (!request_->target.settings.keep_owner) {
    arguments.emplace_back("--no-owner");
  }
  if (!request_->target.settings.keep_privileges) {
    arguments.emplace_back("--no-privileges");
  }
  if (archive != nullptr) {
    arguments.emplace_back(k_jobs);
    arguments.push_back(archive->native());
  }
  restore_ = start_client(program_, std::move(arguments), request_->access, request_->target,
                          environment_, database_, request_->cancellation);
}

void Loader::begin_of_data(const ArchiveEntry& entry, std::uint64_t after_head) {
  if (spooled_) {
    spooled_->begin_of_data(entry, after_head);
  }
}

std::set<std::int64_t> Loader::unwanted() {
  Session session(request_->access, database_);
  server_major_ = session.major();
  std::set<std::string> missing;
  std::set<std::int64_t> drop;
  for (const ArchiveEntry& entry : head_->entries) {
    if (entry.kind == "EXTENSION" && !can_have_extension(session, entry.tag)) {
      missing.insert(entry.tag);
      drop.insert(entry.id);
      left_out_.push_back(k_extension + quoted(entry.tag));
    }
  }
  if (!is_superuser(session)) {
    for (const ArchiveEntry& entry : head_->entries) {
      if (is_for_superusers(entry)) {
        drop.insert(entry.id);
        left_out_.push_back((entry.kind == "PUBLICATION" ? "publication " : "event trigger ") +
                            quoted(entry.tag));
      }
    }
  }
  const bool may_change_public = owns_public_schema(session);
  for (const ArchiveEntry& entry : head_->entries) {
    const bool is_comment = entry.kind == "COMMENT";
    if (is_comment && std::ranges::any_of(entry.dependencies,
                                          [&](std::int64_t id) { return drop.contains(id); })) {
      drop.insert(entry.id);
    } else if (is_comment && entry.tag.starts_with(k_extension_prefix)) {
      std::string name = entry.tag.substr(k_extension_prefix.size());
      if (name.size() > 1 && name.front() == '"') {
        name = name.substr(1, name.size() - 2);
      }
      if (missing.contains(name) || !owns_extension(session, name)) {
        drop.insert(entry.id);
      }
    } else if (!may_change_public && ((is_comment && entry.tag == "SCHEMA public") ||
                                      (entry.kind == "SCHEMA" && entry.tag == "public"))) {
      drop.insert(entry.id);
    }
  }
  return drop;
}

void Loader::send(ByteView bytes) {
  if (spooled_) {
    spooled_->write(bytes);
  } else if (is_listening_ && !bytes.empty()) {
    is_listening_ = restore_->write(bytes);
  }
}

void Loader::finish() {
  if (!head_) {
    head_ = first_.empty() ? std::nullopt : parse_head(first_);
    if (!head_) {
      throw CorruptionError("the archive of a PostgreSQL database is damaged: it ends too early");
    }
    begin();
  }
  data_->expect_complete();
  if (spooled_) {
    start(&spooled_->complete());
  }
  const process::Ended ended = restore_->finish();
  restore_.reset();
  spooled_.reset();
  judge(ended);
}

std::vector<std::string> Loader::attributes() const {
  std::vector<std::string> attributes;
  for (const ArchiveEntry& entry : head_->entries) {
    if (entry.kind == "DATABASE PROPERTIES") {
      attributes.emplace_back("settings of the database");
    } else if (entry.kind == "COMMENT" && entry.tag.starts_with(k_database_prefix)) {
      attributes.emplace_back("comment of the database");
    } else if (entry.kind == "ACL" && entry.tag.starts_with(k_database_prefix)) {
      attributes.emplace_back("privileges on the database");
    }
  }
  return attributes;
}

void Loader::judge(const process::Ended& ended) const {
  if (ended.exit_code == 0) {
    return;
  }
  const std::string& said = ended.error_output;
  if (!is_understood() && said.find("\"transaction_timeout\"") != std::string::npos &&
      said.find("errors ignored on restore: 1\n") != std::string::npos) {
    return; // the one thing that a newer pg_restore asks of an older server in vain
  }
  const std::string why = request_->access.scrubbed(complaint(ended));
  if (said.find("No space left on device") != std::string::npos) {
    throw BusyError("pg_restore failed: " + why, "make room where the server keeps its data");
  }
  std::string hint = "see what the server says in its log";
  std::vector<std::string> extensions;
  std::ranges::copy_if(left_out_, std::back_inserter(extensions),
                       [](const std::string& one) { return one.starts_with(k_extension); });
  if (!extensions.empty()) {
    hint = "the role may not create the " + join(extensions) +
           ", or the server does not have it: as a superuser, install it and run CREATE EXTENSION "
           "in template1, or restore as a superuser";
  } else if (why.find("permission denied") != std::string::npos ||
             why.find("must be ") != std::string::npos) {
    hint = "the role lacks a right that this database needs: restore as a superuser";
  }
  throw DatabaseError("pg_restore failed: " + why, hint);
}

} // namespace savepoint::drivers::postgres
