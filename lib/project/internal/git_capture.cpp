#include "project/internal/git_capture.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "fs/status.hpp"
#include "git/index_image.hpp"
#include "git/state_files.hpp"
#include "project/internal/git_facts.hpp"
#include "project/internal/mentioned_ids.hpp"
#include "store/tree.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <iterator>
#include <map>

namespace savepoint::project {
namespace {

constexpr std::uint32_t k_type_mask = 0170000;
constexpr std::size_t k_most_needs = 256; // of one repository
constexpr std::size_t k_deepest = 32;     // of submodules in submodules

manifest::Content put_content(store::ChunkSink& sink, const store::CuttingRules& rules,
                              ByteView bytes) {
  if (bytes.empty()) {
    return {};
  }
  if (bytes.size() < store::CuttingRules::k_whole_below) { // next to the trees that lead to it
    return {.form = manifest::Content::Form::chunk,
            .size = bytes.size(),
            .id = sink.put(bytes, store::ChunkKind::meta)};
  }
  store::ContentWriter writer(sink, rules);
  writer.write(bytes);
  return writer.finish();
}

store::TreeEntry file(std::string name, const manifest::Content& content) {
  store::TreeEntry entry;
  entry.name = std::move(name);
  entry.mode = 0644;
  entry.content = content;
  return entry;
}

store::TreeEntry directory(std::string name, const hash::Digest& tree) {
  store::TreeEntry entry;
  entry.name = std::move(name);
  entry.kind = store::EntryKind::directory;
  entry.tree = tree;
  return entry;
}

hash::Digest put_entries(store::ChunkSink& sink, std::vector<store::TreeEntry> entries) {
  std::ranges::sort(entries, {}, &store::TreeEntry::name);
  store::Tree tree;
  tree.entries = std::move(entries);
  return store::put_tree(sink, tree);
}

/// Directories of files in memory.
class FileTree {
public:
  void add(std::string_view path, const manifest::Content& content) {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) {
      files_.push_back(file(std::string(path), content));
    } else {
      directories_[std::string(path.substr(0, slash))].add(path.substr(slash + 1), content);
    }
  }
  [[nodiscard]] bool empty() const { return files_.empty() && directories_.empty(); }
  [[nodiscard]] hash::Digest put(store::ChunkSink& sink) const {
    std::vector<store::TreeEntry> entries = files_;
    for (const auto& [name, below] : directories_) {
      entries.push_back(directory(name, below.put(sink)));
    }
    return put_entries(sink, std::move(entries));
  }

private:
  std::vector<store::TreeEntry> files_;
  std::map<std::string, FileTree> directories_;
};

/// Puts blobs into a store, and notes those that are not there.
class BlobKeeper final : public git::BlobSink {
public:
  BlobKeeper(store::ChunkSink& sink, const store::CuttingRules& rules)
      : sink_(&sink), rules_(&rules), writer_(sink, rules) {}

  void take(ByteView piece) override { writer_.write(piece); }
  void end(const std::string& object) override {
    entries_.push_back(file(object, writer_.finish()));
    writer_ = store::ContentWriter(*sink_, *rules_);
  }
  void missing(const std::string& object) override { missing_.push_back(object); }

  [[nodiscard]] std::vector<store::TreeEntry> take_entries() { return std::move(entries_); }
  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }

private:
  store::ChunkSink* sink_;
  const store::CuttingRules* rules_;
  store::ContentWriter writer_;
  std::vector<store::TreeEntry> entries_;
  std::vector<std::string> missing_;
};

/// The blobs that an index has and the commit it builds on has not at the same path, and where.
std::map<std::string, std::string> own_blobs(const git::Index& index,
                                             const std::vector<git::FileChange>& staged) {
  std::map<std::string, std::string> blobs;
  for (const git::FileChange& change : staged) {
    if (!change.object.empty() && (change.mode & k_type_mask) != git::k_submodule) {
      blobs.emplace(change.object, change.path);
    }
  }
  for (const git::IndexEntry& entry : index.entries()) {
    const bool is_side = entry.stage != 0 && (entry.mode & k_type_mask) != git::k_submodule;
    if (is_side || entry.intent_to_add) { // to be added: the blob of nothing
      blobs.emplace(to_hex(entry.object), entry.path);
    }
  }
  return blobs;
}

std::vector<std::string> submodules_in(const git::Index& index) {
  std::vector<std::string> paths;
  for (const git::IndexEntry& entry : index.entries()) {
    if ((entry.mode & k_type_mask) == git::k_submodule &&
        (paths.empty() || paths.back() != entry.path)) {
      paths.emplace_back(entry.path);
    }
  }
  return paths;
}

/// The id in it is that of a tree, which git makes again when it goes on.
constexpr std::string_view k_auto_merge = "AUTO_MERGE";

class Capturer {
public:
  Capturer(store::ChunkSink& sink, const store::CuttingRules& rules, const std::string& facts)
      : sink_(&sink), rules_(&rules), known_(decode_known_git(facts)) {}

  CapturedGit run(const GitSight& sight) {
    const View view{.path = "",
                    .depth = 0,
                    .repository = &sight.repository,
                    .head = sight.head,
                    .stamp = sight.stamp,
                    .index = [&]() -> const git::Index& { return *sight.index.get(); },
                    .staged = [&] { return sight.staged; }};
    now_.tree = put(view);
    if (known_.tree == now_.tree) {
      now_.needs = known_.needs;
      now_.unkept = known_.unkept;
    } else {
      find_needs();
    }
    for (const auto& [path, count] : now_.unkept) {
      captured_.left_out.push_back({path.empty() ? ".git" : path + "/.git",
                                    "git may collect " + std::to_string(count) +
                                        " of the commits that the operation names: too many",
                                    false});
    }
    for (const auto& [path, index] : now_.indexes) {
      for (const auto& [lost, reason] : index.lost) {
        captured_.left_out.push_back({path.empty() ? lost : path + "/" + lost, reason, false});
      }
    }
    captured_.tree = now_.tree;
    captured_.needs = now_.needs;
    captured_.facts = encode(now_);
    return std::move(captured_);
  }

private:
  /// A repository, and how to ask for what costs more.
  struct View {
    std::string path; ///< Of the submodule, from the project's root.
    std::size_t depth = 0;
    const git::Repository* repository = nullptr;
    git::Head head;
    std::optional<git::IndexStamp> stamp;
    std::function<const git::Index&()> index;
    std::function<std::vector<git::FileChange>()> staged;
  };
  hash::Digest put(const View& view) {
    const KnownIndex& index = now_.indexes[view.path] = know(view);
    std::vector<store::TreeEntry> entries;
    const std::filesystem::path git_directory = view.repository->git_directory();
    if (const auto head = git::read_head_file(git_directory)) {
      entries.push_back(file("HEAD", put_text(*head)));
    }
    if (index.blobs) {
      entries.push_back(directory("blobs", *index.blobs));
    }
    if (view.head.commit) {
      entries.push_back(file("commit", put_text(*view.head.commit + "\n")));
    }
    if (index.image) {
      entries.push_back(file("index", *index.image));
    }
    MentionedIds mentioned(view.path, *view.repository);
    if (view.head.commit) {
      mentioned.add("HEAD", {*view.head.commit});
    }
    if (const FileTree state = state_of(view, mentioned); !state.empty()) {
      entries.push_back(directory("state", state.put(*sink_)));
    }
    mentioned_.push_back(std::move(mentioned));
    if (std::vector<store::TreeEntry> submodules = put_submodules(view, index.submodules);
        !submodules.empty()) {
      entries.push_back(directory("submodules", put_entries(*sink_, std::move(submodules))));
    }
    return put_entries(*sink_, std::move(entries));
  }

  manifest::Content put_text(std::string_view text) {
    return put_content(*sink_, *rules_, as_bytes(text));
  }

  KnownIndex know(const View& view) {
    const auto before = known_.indexes.find(view.path);
    if (before != known_.indexes.end() && before->second.stamp == view.stamp &&
        before->second.head == view.head.commit) {
      return before->second;
    }
    KnownIndex now;
    now.stamp = view.stamp;
    now.head = view.head.commit;
    if (!view.stamp) {
      return now;
    }
    const git::Index& index = view.index();
    now.image =
        put_content(*sink_, *rules_, git::encode_image(index, view.repository->id_length()));
    now.submodules = submodules_in(index);
    const std::map<std::string, std::string> blobs = own_blobs(index, view.staged());
    if (blobs.empty()) {
      return now;
    }
    std::vector<std::string> objects;
    std::ranges::transform(blobs, std::back_inserter(objects),
                           [](const auto& item) { return item.first; });
    BlobKeeper keeper(*sink_, *rules_);
    view.repository->read_blobs(objects, keeper);
    now.blobs = put_entries(*sink_, keeper.take_entries());
    for (const std::string& object : keeper.missing()) {
      now.lost.emplace_back(blobs.at(object), "git has not got what is staged of it");
    }
    return now;
  }

  FileTree state_of(const View& view, MentionedIds& mentioned) {
    FileTree tree;
    for (const git::StateFile& one : git::read_state_files(view.repository->git_directory())) {
      tree.add(one.path, put_content(*sink_, *rules_, one.content));
      if (one.path == k_auto_merge) {
        continue;
      }
      mentioned.add(one.path, git::ids_in(as_text(one.content), id_length(view)));
    }
    return tree;
  }

  static std::size_t id_length(const View& view) {
    return view.head.commit ? view.head.commit->size() / 2 : view.repository->id_length();
  }

  std::vector<store::TreeEntry> put_submodules(const View& above,
                                               const std::vector<std::string>& paths) {
    std::vector<store::TreeEntry> entries;
    for (const std::string& below : paths) {
      const std::string path = above.path.empty() ? below : above.path + "/" + below;
      try {
        if (const auto tree = put_submodule(above, below, path)) {
          entries.push_back(directory(std::to_string(entries.size()), *tree));
        }
      } catch (const IoError& error) {
        captured_.left_out.push_back({path + "/.git", error.what(), true});
      } catch (const RefusedError& error) {
        captured_.left_out.push_back({path + "/.git", error.what(), true});
      } catch (const CorruptionError& error) {
        captured_.left_out.push_back({path + "/.git", error.what(), true});
      }
    }
    return entries;
  }

  /// Nothing for a submodule that is not checked out.
  std::optional<hash::Digest> put_submodule(const View& above, const std::string& below,
                                            const std::string& path) {
    const std::filesystem::path work_tree = above.repository->work_tree() / below;
    if (above.depth == k_deepest || !fs::status(work_tree / ".git")) {
      return std::nullopt;
    }
    std::optional<git::Repository> found = git::Repository::discover(work_tree);
    if (!found || found->work_tree() != work_tree) {
      return std::nullopt;
    }
    const git::Repository& repository = repositories_.emplace_back(std::move(*found));
    std::optional<git::Index> index;
    const auto get_index = [&]() -> const git::Index& {
      if (!index) {
        index = git::Index::read(repository.index_file(), repository.work_tree());
      }
      return *index;
    };
    const View view{.path = path,
                    .depth = above.depth + 1,
                    .repository = &repository,
                    .head = repository.head(),
                    .stamp = git::Index::stamp(repository.index_file()),
                    .index = get_index,
                    .staged = [&] { return repository.staged_changes(get_index()); }};
    const hash::Digest tree = put(view);
    return put_entries(*sink_, {file("path", put_text(below)), directory("repository", tree)});
  }

  void find_needs() {
    std::ranges::sort(mentioned_, {}, &MentionedIds::path);
    for (const MentionedIds& one : mentioned_) {
      std::vector<std::string> objects = one.needed_commits();
      if (objects.size() > k_most_needs) {
        now_.unkept.emplace_back(one.path(), objects.size() - k_most_needs);
        objects.resize(k_most_needs);
      }
      for (std::string& object : objects) {
        now_.needs.push_back({one.path(), std::move(object)});
      }
    }
  }

  store::ChunkSink* sink_;
  const store::CuttingRules* rules_;
  KnownGit known_;
  KnownGit now_;
  CapturedGit captured_;
  std::deque<git::Repository> repositories_; // of submodules: MentionedIds points at them
  std::vector<MentionedIds> mentioned_;
};

} // namespace

CapturedGit capture_git(const GitSight& sight, store::ChunkSink& sink,
                        const store::CuttingRules& rules, const std::string& facts) {
  return Capturer(sink, rules, facts).run(sight);
}

} // namespace savepoint::project
