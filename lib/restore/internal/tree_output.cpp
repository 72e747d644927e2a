#include "restore/internal/tree_output.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "restore/internal/directories.hpp"
#include "restore/internal/two_threads.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace savepoint::restore {
namespace {

constexpr std::size_t k_files_per_job = 256;
constexpr std::size_t k_jobs_per_block = 8;

} // namespace

TreeOutput::TreeOutput(const store::Store& store, const fs::Descriptor& top,
                       const Cancellation& cancellation, Progress& progress, OnDamage on_damage)
    : store_(&store), top_(&top), cancellation_(&cancellation), progress_(&progress),
      on_damage_(on_damage), writer_(store, special_bits(top), cancellation) {}

void TreeOutput::write(const hash::Digest& tree, const store::HardLinks& links,
                       const PathFilter& filter) {
  jobs_.clear();
  same_as_.clear();
  for (const std::vector<std::string>& group : links) {
    const std::string* first = nullptr;
    for (const std::string& path : group) {
      if (filter.includes(path)) {
        if (first != nullptr) {
          same_as_.emplace(path, *first);
        }
        first = first == nullptr ? &path : first;
      }
    }
  }
  make_directories(tree, filter);
  std::array<Worker, 2> workers;
  in_two_threads(jobs_.size(), k_jobs_per_block,
                 [&](unsigned thread, std::size_t begin, std::size_t end) {
                   for (std::size_t i = begin; i < end; ++i) {
                     write_files(jobs_[i], filter, workers.at(thread));
                   }
                 });
  for (Worker& worker : workers) {
    std::ranges::move(worker.missing, std::back_inserter(missing_));
  }
  link_files(links, filter);
}

void TreeOutput::make_directories(const hash::Digest& root, const PathFilter& filter) {
  std::vector<std::pair<std::string, hash::Digest>> left{{"", root}};
  while (!left.empty()) {
    cancellation_->check();
    const auto [path, id] = std::move(left.back());
    left.pop_back();
    try {
      enter(path, id, left, filter);
    } catch (const CorruptionError&) {
      if (on_damage_ == OnDamage::stop) {
        throw;
      }
      missing_.push_back(path.empty() ? "." : path);
    }
  }
}

void TreeOutput::enter(const std::string& path, const hash::Digest& id,
                       std::vector<std::pair<std::string, hash::Digest>>& left,
                       const PathFilter& filter) {
  store::Tree tree = store::get_tree(*store_, id);
  for (const store::TreeEntry& entry : tree.entries) {
    require_writable_path(path.empty() ? entry.name : join(path, entry.name));
  }
  Directories directories(*top_);
  bool is_new = path.empty();
  if (directories.find(path) == nullptr) {
    fs::make_directory_at(directories.at(parent_of(path)), std::string(last_of(path)).c_str(),
                          0700);
    is_new = true;
  }
  for (std::size_t begin = 0; begin < tree.entries.size(); begin += k_files_per_job) {
    jobs_.push_back({.directory = path,
                     .tree = id,
                     .begin = begin,
                     .end = std::min(begin + k_files_per_job, tree.entries.size())});
  }
  // The last is taken first: pushed in reverse, directories are visited in their order.
  for (auto entry = tree.entries.rbegin(); entry != tree.entries.rend(); ++entry) {
    const std::string below = join(path, entry->name);
    if (entry->kind == store::EntryKind::directory &&
        (filter.includes(below) || filter.leads_to(below))) {
      left.emplace_back(below, entry->tree);
    }
  }
  if (is_new) {
    // Not the tree itself, which would keep the room of its entries.
    made_.push_back({.path = path,
                     .metadata = {.mode = tree.mode,
                                  .mtime_ns = tree.mtime_ns,
                                  .attributes = std::move(tree.attributes),
                                  .entries = {}}});
  }
}

void TreeOutput::write_files(const Job& job, const PathFilter& filter, Worker& worker) {
  if (worker.id != job.tree) {
    worker.tree = store::get_tree(*store_, job.tree);
    worker.id = job.tree;
  }
  Directories directories(*top_);
  const fs::Descriptor& directory = directories.at(job.directory);
  for (std::size_t i = job.begin; i < job.end; ++i) {
    const store::TreeEntry& entry = worker.tree.entries.at(i);
    if (entry.kind == store::EntryKind::directory) {
      continue;
    }
    if (!filter.everything() || !same_as_.empty()) {
      const std::string path = join(job.directory, entry.name);
      if (!filter.includes(path) || same_as_.contains(path)) {
        continue;
      }
    }
    cancellation_->check();
    try {
      writer_.write(directory, entry.name, entry, Sync::no);
    } catch (const CorruptionError&) {
      if (on_damage_ == OnDamage::stop) {
        throw;
      }
      fs::remove_file_at(directory, entry.name.c_str());
      worker.missing.push_back(join(job.directory, entry.name));
    }
    progress_->advance(1, entry.content.size);
  }
}

void TreeOutput::link_files(const store::HardLinks& links, const PathFilter& filter) {
  for (const std::vector<std::string>& group : links) {
    for (const std::string& path : group) {
      const auto first = same_as_.find(path);
      if (first == same_as_.end() || !filter.includes(path)) {
        continue;
      }
      if (std::ranges::count(missing_, first->second) > 0) {
        missing_.push_back(path);
        continue;
      }
      const auto from = fs::open_beneath(*top_, parent_of(first->second));
      const auto to = fs::open_beneath(*top_, parent_of(path));
      if (!from || !to) {
        throw CorruptionError("the snapshot's hard links name " + quoted(path) +
                              ", which it does not hold");
      }
      fs::make_hard_link_at(*from, std::string(last_of(first->second)).c_str(), *to,
                            std::string(last_of(path)).c_str());
    }
  }
}

void TreeOutput::finish() {
  for (auto directory = made_.rbegin(); directory != made_.rend(); ++directory) {
    Directories directories(*top_);
    set_directory_metadata(directories.at(directory->path), directory->metadata);
  }
  made_.clear();
}

} // namespace savepoint::restore
