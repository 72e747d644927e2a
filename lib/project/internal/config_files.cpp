#include "project/internal/config_files.hpp"

#include "config/dotenv.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "hash/sha256.hpp"

#include <algorithm>
#include <cerrno>
#include <map>

namespace savepoint::project {
namespace {

constexpr std::size_t k_piece = std::size_t{1} << 20U; // larger files are not searched for keys

enum class KeysOf { settings, nothing };

/// Directories of the config files on their way into trees.
struct Folder {
  std::map<std::string, Folder> folders;
  std::map<std::string, store::TreeEntry> files;
};

std::pair<std::string, std::string> split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::pair(std::string(), path)
                                    : std::pair(path.substr(0, slash), path.substr(slash + 1));
}

Folder& folder_at(Folder& root, std::string_view path) {
  Folder* at = &root;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    at = &at->folders[std::string(path.substr(0, slash))];
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return *at;
}

/// The directories' own modes and times are those of the code component: here they stay neutral.
hash::Digest put_folder(store::ChunkSink& sink, const Folder& folder) {
  store::Tree tree;
  for (const auto& [name, below] : folder.folders) {
    store::TreeEntry entry;
    entry.name = name;
    entry.kind = store::EntryKind::directory;
    entry.tree = put_folder(sink, below);
    tree.entries.push_back(std::move(entry));
  }
  for (const auto& [name, file] : folder.files) {
    tree.entries.push_back(file);
  }
  std::ranges::sort(tree.entries, {}, &store::TreeEntry::name);
  return store::put_tree(sink, tree);
}

/// Names chunks and keeps nothing: for files whose content must not reach the store.
class NamingSink final : public store::ChunkSink {
public:
  hash::Digest put(ByteView bytes, store::ChunkKind) override { return hash::sha256(bytes); }
  [[nodiscard]] bool contains(const hash::Digest&) override { return false; }
};

/// What is listed of a file: the digest of its bytes, and its keys.
void describe_file(const fs::Descriptor& directory, const std::string& name, KeysOf keys,
                   manifest::ConfigFile& listed) {
  const fs::Attempt<fs::Descriptor> file = fs::try_open_file_at(directory.number(), name.c_str());
  if (!file) {
    return;
  }
  hash::Sha256 whole;
  Bytes piece(k_piece);
  for (std::uint64_t at = 0;;) {
    const fs::Attempt<std::size_t> got = fs::try_read_at(*file.value, piece, at);
    const ByteView read = ByteView(piece).first(got ? *got.value : 0);
    whole.update(read);
    if (at == 0 && read.size() < piece.size() && keys == KeysOf::settings) {
      listed.keys = config::dotenv_keys(as_text(read));
    }
    at += read.size();
    if (read.size() < piece.size()) {
      break;
    }
  }
  listed.size = fs::status_of(*file.value).size;
  listed.sha256 = whole.finish().hex();
}

} // namespace

manifest::ConfigComponent capture_config(const Project& project,
                                         const std::vector<WalkedConfigFile>& files,
                                         const store::CuttingRules& rules, store::ChunkSink& sink,
                                         std::vector<manifest::LeftOut>& left_out) {
  manifest::ConfigComponent component;
  const bool keep = project.config().secrets == config::Secrets::store;
  const fs::Descriptor root = fs::open_directory(project.root());
  Folder stored;
  bool any_stored = false;
  for (const WalkedConfigFile& file : files) {
    manifest::ConfigFile listed;
    listed.path = file.path;
    listed.in_code = file.in_code;
    listed.size = file.size;
    listed.mode = file.mode;
    const bool one_chunk = file.content.form == manifest::Content::Form::chunk;
    if (file.in_code && one_chunk) {
      listed.sha256 = file.content.id.hex();
      component.files.push_back(std::move(listed));
      continue;
    }
    const auto [folder, name] = split(file.path);
    const std::optional<fs::Descriptor> directory = fs::open_beneath(root, folder);
    if (!directory) {
      left_out.push_back({file.path, reason_of("cannot be read", ENOENT), true});
      continue;
    }
    if (file.in_code) {
      describe_file(*directory, name, KeysOf::nothing, listed);
      component.files.push_back(std::move(listed));
      continue;
    }
    NamingSink naming;
    const CapturedFile captured =
        capture_file(*directory, name.c_str(), keep ? sink : static_cast<store::ChunkSink&>(naming),
                     rules, LookForDatabases::no);
    if (captured.outcome == CapturedFile::Outcome::failed) {
      left_out.push_back({file.path, reason_of("cannot be read", captured.error_number), true});
      continue;
    }
    if (captured.outcome == CapturedFile::Outcome::kept_changing) {
      left_out.push_back({file.path, "kept changing while it was read; kept as last read", true});
    }
    describe_file(*directory, name, KeysOf::settings, listed);
    if (captured.content.form == manifest::Content::Form::chunk) { // what is kept, not what is now
      listed.sha256 = captured.content.id.hex();
      listed.size = captured.content.size;
    }
    listed.mode = captured.status.mode;
    listed.stored = keep;
    component.files.push_back(std::move(listed));
    if (keep) {
      any_stored = true;
      store::TreeEntry entry;
      entry.name = name;
      entry.mode = captured.status.mode;
      entry.mtime_ns = captured.status.mtime_ns;
      entry.content = captured.content;
      entry.attributes = captured.attributes;
      folder_at(stored, folder).files.emplace(name, std::move(entry));
    }
  }
  if (any_stored) {
    component.tree = put_folder(sink, stored);
  }
  return component;
}

} // namespace savepoint::project
