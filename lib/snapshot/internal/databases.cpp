#include "snapshot/internal/databases.hpp"

#include "base/binary.hpp"
#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "fs/files.hpp"
#include "hash/sha256.hpp"
#include "store/content.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

namespace savepoint::snapshot {
namespace {

constexpr std::size_t k_piece = std::size_t{1} << 20U;

std::filesystem::path cache_file(const project::Project& project, const store::Store& store) {
  const std::string key = hash::sha256(as_bytes(project.root().native())).hex().substr(0, 16);
  return store.cache_file(key + ".databases.json");
}

KnownDatabases read_known(const std::filesystem::path& file) {
  KnownDatabases known;
  try {
    const std::optional<Bytes> text = fs::read_file(file);
    if (!text) {
      return known;
    }
    const json::Value document = json::parse(as_text(*text), file.native());
    for (const json::Value& item : document.at("databases").items()) {
      known[json::bytes_of(item.at("name"))] = {item.at("fingerprint").as_string(),
                                                item.at("snapshot").as_string()};
    }
  } catch (const UsageError&) {
    known.clear(); // a damaged cache knows nothing, nor does one that cannot be read
  } catch (const CorruptionError&) {
    known.clear();
  } catch (const IoError&) {
    known.clear();
  }
  return known;
}

/// The snapshot is sealed already: no trouble with a cache may make it look failed.
void write_cache(const std::filesystem::path& path, const std::string& text) {
  try {
    fs::AtomicFile file(path);
    file.write(as_bytes(text));
    file.commit_unsynced();
  } catch (const IoError&) { // AtomicFile has left the old one in place
    return;
  } catch (const BusyError&) { // no space left
    return;
  }
}

/// What stands for the state of a database in the cache: its fingerprint, and whatever else decides
/// what a capture of it gives. So another database of the same name is never taken for it, nor one
/// that would be dumped in another way. Of a secret it holds nothing.
std::string known_by(const database::Target& target, const std::string& fingerprint) {
  BinaryWriter out;
  out.string(fingerprint);
  if (target.file.empty()) {
    const database::Address& address = target.address;
    for (const std::string& part :
         {target.driver, address.host, std::to_string(address.port), address.user, address.database,
          target.settings.strategy, target.settings.dump}) {
      out.string(part);
    }
    for (const auto& [name, value] : address.parameters) {
      out.string(name);
      out.string(value);
    }
    out.varint(target.settings.client.size());
    for (const std::string& word : target.settings.client) {
      out.string(word);
    }
    out.u8(target.settings.keep_owner ? 1 : 0);
    out.u8(target.settings.keep_privileges ? 1 : 0);
  }
  return hash::sha256(out.view()).hex();
}

/// The description of a database in an earlier snapshot, if both are still there.
class EarlierDescriptions {
public:
  explicit EarlierDescriptions(const store::Store& store) : store_(&store) {}

  [[nodiscard]] const manifest::DatabaseComponent* find(const std::string& snapshot,
                                                        const std::string& name) {
    auto loaded = manifests_.find(snapshot);
    if (loaded == manifests_.end()) {
      const std::optional<SnapshotId> id = SnapshotId::parse(snapshot);
      if (!id || !store_->has_snapshot(*id)) {
        return nullptr;
      }
      std::optional<manifest::Manifest> manifest = load_if_readable(*store_, *id);
      if (!manifest) {
        return nullptr;
      }
      loaded = manifests_.emplace(snapshot, std::move(*manifest)).first;
    }
    const auto& databases = loaded->second.databases;
    const auto found = std::ranges::find(databases, name, &manifest::DatabaseComponent::name);
    return found == databases.end() ? nullptr : &*found;
  }

private:
  const store::Store* store_;
  std::map<std::string, manifest::Manifest> manifests_;
};

/// What a driver said no to: trouble of a source, kept apart from trouble of the store, which the
/// same loop may meet and which must stop the snapshot.
struct SourceTrouble {
  std::exception_ptr original;
  std::string message;
  std::string hint;
};

/// What a server needs is rarely to be guessed.
std::string reason_of(const database::Target& target, const SourceTrouble& trouble) {
  const bool with_hint = target.file.empty() && !trouble.hint.empty();
  return trouble.message + (with_hint ? "; " + trouble.hint : std::string());
}

template <typename Ask> decltype(auto) ask_driver(Ask ask) {
  try {
    return ask();
  } catch (const Error& error) {
    throw SourceTrouble{std::current_exception(), error.what(), error.hint()};
  }
}

/// `earlier` is the database as an earlier snapshot has it; null if none has it.
manifest::DatabaseComponent stream(database::Capture& capture, store::ChunkSink& sink,
                                   const CaptureOrder& order,
                                   const manifest::DatabaseComponent* earlier) {
  const project::Context& context = order.project.context();
  const store::CuttingRules& rules = order.store.cutting_rules();
  const database::StreamShape shape = capture.shape();
  store::ContentWriter writer(
      sink, rules, {.block_size = shape.block_size, .average_chunk = shape.average_chunk},
      earlier == nullptr ? std::nullopt
                         : std::optional(store::ExtentCursor(order.store, earlier->image)));
  Bytes piece(k_piece);
  for (;;) {
    context.cancellation->check();
    if (order.give_up != nullptr && *order.give_up) {
      throw Cancelled();
    }
    const std::size_t got = ask_driver([&] { return capture.read(piece); });
    if (got == 0) {
      break;
    }
    writer.write(ByteView(piece).first(got));
    order.progress.advance(0, got);
  }
  manifest::DatabaseComponent component = ask_driver([&] { return capture.describe(); });
  component.image = writer.finish();
  return component;
}

/// Captures one database after the other into `result`.
class DatabaseCapture {
public:
  DatabaseCapture(const CaptureOrder& order, store::ChunkSink& sink, CapturedDatabases& result)
      : order_(&order), sink_(&sink), result_(&result), earlier_(order.store) {}

  void run(const database::Target& target) {
    const project::Context& context = order_->project.context();
    const database::Driver& driver =
        ask_driver([&]() -> const database::Driver& { return drivers::find(target.driver); });
    const std::optional<std::string> fingerprint =
        ask_driver([&] { return driver.fingerprint(target, context.clock->now()); });
    const std::string known = fingerprint ? known_by(target, *fingerprint) : std::string();
    if (fingerprint && take_over(target, known)) {
      if (target.settings.strategy != database::Settings().strategy) {
        order_copies(driver, target, fingerprint);
      }
      return;
    }
    if (!is_to_be_read(target)) {
      result_->unread.push_back(target.name);
      return;
    }
    const std::filesystem::path scratch = order_->store.scratch_directory();
    const std::unique_ptr<database::Capture> capture = ask_driver([&] {
      return driver.open_capture(target, scratch, order_->request.database_wait,
                                 *context.cancellation);
    });
    if (!capture) {
      result_->not_databases.push_back(target.path);
      return;
    }
    const manifest::DatabaseComponent* const earlier = find_earlier(target);
    // A server's own word counts indexes too: the last dump is nearer to the next one.
    const bool is_known = earlier != nullptr && target.path.empty();
    order_->progress.stage("reading database " + quoted(target.name),
                           is_known ? earlier->image.size : capture->shape().expected_size);
    manifest::DatabaseComponent component = stream(*capture, *sink_, *order_, earlier);
    component.name = target.name;
    component.driver = target.driver;
    component.path = target.path;
    if (!target.address.driver.empty() && target.file.empty()) {
      component.details.set("address", database::display(target.address));
    }
    add(std::move(component));
    if (order_->request.waiting != nullptr && order_->request.waiting->has_gone_on()) {
      result_->late.push_back(target.name);
    }
    if (fingerprint) {
      result_->fingerprints[target.name] = {known, ""};
    }
    order_copies(driver, target, fingerprint);
  }

private:
  /// Whether the database is as a snapshot has it.
  [[nodiscard]] bool take_over(const database::Target& target, const std::string& known) {
    const auto last = order_->known.find(target.name);
    if (last == order_->known.end() || last->second.fingerprint != known) {
      return false;
    }
    const auto* same = find_earlier(target);
    if (same == nullptr || same->path != target.path || same->driver != target.driver) {
      return false;
    }
    add(*same);
    result_->fingerprints[target.name] = last->second;
    return true;
  }

  void add(manifest::DatabaseComponent component) {
    std::ranges::move(drivers::left_out_of(component), std::back_inserter(result_->left_out));
    result_->components.push_back(std::move(component));
  }

  /// As the last snapshot has it that read it; null if there is none.
  [[nodiscard]] const manifest::DatabaseComponent* find_earlier(const database::Target& target) {
    const auto last = order_->known.find(target.name);
    return last == order_->known.end() ? nullptr
                                       : earlier_.find(last->second.snapshot, target.name);
  }

  /// Of the component that was added last.
  void order_copies(const database::Driver& driver, const database::Target& target,
                    const std::optional<std::string>& fingerprint) {
    if (driver.capabilities().keeps_copies) {
      result_->copies.push_back({target, result_->components.back(), fingerprint.value_or("")});
    }
  }

  [[nodiscard]] bool is_to_be_read(const database::Target& target) const {
    const auto has = [&](const std::vector<std::string>& names) {
      return std::ranges::count(names, target.name) > 0;
    };
    const auto& servers = order_->request.read_servers;
    return !has(order_->request.left_to_caller) &&
           (!servers || !target.file.empty() || has(*servers));
  }

  const CaptureOrder* order_;
  store::ChunkSink* sink_;
  CapturedDatabases* result_;
  EarlierDescriptions earlier_;
};

} // namespace

std::optional<manifest::Manifest> load_if_readable(const store::Store& store,
                                                   const SnapshotId& id) {
  try {
    return store.load(id);
  } catch (const CorruptionError&) {
    return std::nullopt;
  } catch (const NotFoundError&) {
    return std::nullopt;
  }
}

KnownDatabases known_databases(const project::Project& project, const store::Store& store) {
  return read_known(cache_file(project, store));
}

CapturedDatabases capture_databases(const CaptureOrder& order, store::ChunkSink& sink,
                                    const std::vector<database::Target>& targets) {
  CapturedDatabases result;
  DatabaseCapture capture(order, sink, result);
  for (const database::Target& target : targets) {
    if (!order.request.only.includes_database(target.name)) {
      continue;
    }
    try {
      capture.run(target);
    } catch (const SourceTrouble& trouble) {
      if (order.request.require_database) {
        std::rethrow_exception(trouble.original);
      }
      result.left_out.push_back({target.name, reason_of(target, trouble), true});
    }
  }
  return result;
}

bool is_database(const CaptureOrder& order, const project::FoundDatabase& file) {
  const std::filesystem::path& root = order.project.root();
  const database::Target target{.name = file.path,
                                .driver = file.driver,
                                .file = root / file.path,
                                .path = file.path,
                                .project = root};
  const database::Driver& driver = drivers::find(file.driver);
  try {
    const auto fingerprint = driver.fingerprint(target, order.project.context().clock->now());
    const auto known = order.known.find(target.name);
    return (fingerprint && known != order.known.end() &&
            known->second.fingerprint == known_by(target, *fingerprint)) ||
           driver.is_database(target);
  } catch (const Error&) {
    return true; // whoever asks for it hears why it cannot be opened
  }
}

void LaterProgress::stage(std::string_view name, std::uint64_t total_bytes) {
  const std::lock_guard lock(mutex_);
  name_ = name;
  total_ = total_bytes;
  bytes_ = 0;
  if (next_ != nullptr) {
    next_->stage(name, total_bytes);
  }
}

void LaterProgress::advance(std::uint64_t files, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ += bytes;
  if (next_ != nullptr) {
    next_->advance(files, bytes);
  }
}

void LaterProgress::tell(Progress& progress) {
  const std::lock_guard lock(mutex_);
  next_ = &progress;
  if (!name_.empty()) {
    progress.stage(name_, total_ > bytes_ ? total_ - bytes_ : 0);
  }
}

ServerCapture::ServerCapture(const CaptureOrder& order, std::unique_ptr<store::ChunkSink> sink,
                             std::vector<database::Target> targets)
    : order_{.project = order.project,
             .store = order.store,
             .request = order.request,
             .known = order.known,
             .progress = progress_,
             .give_up = &give_up_},
      sink_(std::move(sink)), targets_(std::move(targets)) {
  result_ = std::async(std::launch::async,
                       [this] { return capture_databases(order_, *sink_, targets_); });
}

ServerCapture::~ServerCapture() {
  give_up_ = true; // the future waits
}

CapturedDatabases ServerCapture::finish(Progress& progress) {
  progress_.tell(progress);
  return result_.get();
}

std::vector<std::string> tend_copies(const std::vector<CopyOrder>& orders,
                                     KnownDatabases& fingerprints) {
  std::vector<std::string> notes;
  for (const CopyOrder& order : orders) {
    const database::Tended tended =
        drivers::find(order.target.driver)
            .tend_copies(order.target, order.component, order.fingerprint);
    if (!tended.note.empty()) {
      notes.push_back("the server keeps no copy of database " + quoted(order.target.name) + ": " +
                      tended.note);
    }
    const auto known = fingerprints.find(order.target.name);
    if (known != fingerprints.end() && tended.fingerprint != order.fingerprint) {
      known->second.fingerprint = known_by(order.target, tended.fingerprint);
      known->second.is_new = true;
    }
  }
  return notes;
}

void remember_databases(const project::Project& project, const store::Store& store,
                        KnownDatabases fingerprints, const SnapshotId& snapshot) {
  bool changed = false;
  json::Value list = json::Value::array();
  for (auto& entry : fingerprints) {
    KnownDatabase& known = entry.second;
    if (known.snapshot.empty()) {
      known.snapshot = snapshot.text();
      changed = true;
    }
    changed = changed || known.is_new;
    json::Value item;
    item.set("name", json::text_or_bytes(entry.first));
    item.set("fingerprint", known.fingerprint);
    item.set("snapshot", known.snapshot);
    list.push(std::move(item));
  }
  if (!changed) {
    return;
  }
  json::Value document;
  document.set("databases", std::move(list));
  write_cache(cache_file(project, store), json::print(document));
}

} // namespace savepoint::snapshot
