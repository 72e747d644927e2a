#include "snapshot/internal/databases.hpp"

#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "fs/files.hpp"
#include "hash/sha256.hpp"
#include "store/content.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <exception>

namespace savepoint::snapshot {
namespace {

constexpr std::size_t k_piece = std::size_t{1} << 20U;

std::filesystem::path cache_file(const project::Project& project, const store::Store& store) {
  const std::string key = hash::sha256(as_bytes(project.root().native())).hex().substr(0, 16);
  return store.cache_file(key + ".databases.json");
}

KnownDatabases read_known(const std::filesystem::path& file) {
  KnownDatabases known;
  const std::optional<Bytes> text = fs::read_file(file);
  if (!text) {
    return known;
  }
  try {
    const json::Value document = json::parse(as_text(*text), file.native());
    for (const json::Value& item : document.at("databases").items()) {
      known[json::bytes_of(item.at("name"))] = {item.at("fingerprint").as_string(),
                                                item.at("snapshot").as_string()};
    }
  } catch (const UsageError&) {
    known.clear(); // a damaged cache knows nothing
  } catch (const CorruptionError&) {
    known.clear();
  }
  return known;
}

/// Fingerprints are bytes; their digest is as good for a comparison and fits into JSON.
std::string printable_fingerprint(const std::string& fingerprint) {
  return hash::sha256(as_bytes(fingerprint)).hex();
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
      loaded = manifests_.emplace(snapshot, store_->load(*id)).first;
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
};

template <typename Ask> auto ask_driver(Ask ask) {
  try {
    return ask();
  } catch (const Error& error) {
    throw SourceTrouble{std::current_exception(), error.what()};
  }
}

manifest::DatabaseComponent stream(database::Capture& capture, store::ChunkSink& sink,
                                   const store::CuttingRules& rules,
                                   const project::Context& context) {
  const database::StreamShape shape = capture.shape();
  store::ContentWriter writer(
      sink, rules, {.block_size = shape.block_size, .average_chunk = shape.average_chunk});
  Bytes piece(k_piece);
  for (;;) {
    context.cancellation->check();
    const std::size_t got = ask_driver([&] { return capture.read(piece); });
    if (got == 0) {
      break;
    }
    writer.write(ByteView(piece).first(got));
    context.progress->advance(0, got);
  }
  manifest::DatabaseComponent component = ask_driver([&] { return capture.describe(); });
  component.image = writer.finish();
  return component;
}

} // namespace

std::vector<database::Target> targets(const project::Project& project, const project::Scan& scan) {
  std::vector<database::Target> result;
  const auto& settings = project.config().databases;
  for (const config::DatabaseSetting& setting : settings) {
    if (setting.capture) {
      result.push_back({setting.name, setting.driver, project.root() / setting.path, setting.path});
    }
  }
  if (project.config().discover_databases) {
    for (const project::FoundDatabase& found : scan.databases) {
      if (std::ranges::count(settings, found.path, &config::DatabaseSetting::path) == 0) {
        result.push_back({found.path, found.driver, project.root() / found.path, found.path});
      }
    }
  }
  std::ranges::sort(result, {}, &database::Target::name);
  return result;
}

CapturedDatabases capture_databases(const project::Project& project, store::Store& store,
                                    store::ChunkSink& sink,
                                    const std::vector<database::Target>& targets,
                                    const Request& request) {
  CapturedDatabases result;
  const project::Context& context = project.context();
  const KnownDatabases known = read_known(cache_file(project, store));
  EarlierDescriptions earlier(store);
  for (const database::Target& target : targets) {
    if (!request.only.includes_database(target.name)) {
      continue;
    }
    try {
      const database::Driver& driver = drivers::find(target.driver);
      const std::optional<std::string> fingerprint =
          ask_driver([&] { return driver.fingerprint(target, context.clock->now()); });
      const auto last = known.find(target.name);
      if (fingerprint && last != known.end() &&
          last->second.fingerprint == printable_fingerprint(*fingerprint)) {
        if (const auto* same = earlier.find(last->second.snapshot, target.name)) {
          result.components.push_back(*same);
          result.fingerprints[target.name] = last->second;
          continue;
        }
      }
      const std::filesystem::path scratch = store.scratch_directory();
      const std::unique_ptr<database::Capture> capture = ask_driver([&] {
        return driver.open_capture(target, scratch, request.database_wait, *context.cancellation);
      });
      if (!capture) {
        result.not_databases.push_back(target.path);
        continue;
      }
      manifest::DatabaseComponent component =
          stream(*capture, sink, store.cutting_rules(), context);
      component.name = target.name;
      component.driver = target.driver;
      component.path = target.path;
      result.components.push_back(std::move(component));
      if (fingerprint) {
        result.fingerprints[target.name] = {printable_fingerprint(*fingerprint), ""};
      }
    } catch (const SourceTrouble& trouble) {
      if (request.require_database) {
        std::rethrow_exception(trouble.original);
      }
      result.left_out.push_back({target.name, trouble.message, true});
    }
  }
  return result;
}

void remember_databases(const project::Project& project, const store::Store& store,
                        KnownDatabases fingerprints, const SnapshotId& snapshot) {
  bool changed = false;
  json::Value list = json::Value::array();
  for (auto& [name, known] : fingerprints) {
    if (known.snapshot.empty()) {
      known.snapshot = snapshot.text();
      changed = true;
    }
    json::Value item;
    item.set("name", json::text_or_bytes(name));
    item.set("fingerprint", known.fingerprint);
    item.set("snapshot", known.snapshot);
    list.push(std::move(item));
  }
  if (!changed) {
    return;
  }
  json::Value document;
  document.set("databases", std::move(list));
  fs::AtomicFile file(cache_file(project, store));
  file.write(as_bytes(json::print(document)));
  file.commit_unsynced();
}

} // namespace savepoint::snapshot
