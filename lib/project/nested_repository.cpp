#include "project/nested_repository.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "git/submodules.hpp"
#include "hash/checksum.hpp"
#include "project/excludes.hpp"

#include <utility>
#include <vector>

namespace savepoint::project {

std::shared_ptr<NestedRepository> NestedRepository::open(const Project& project, std::string path) {
  try {
    if (auto repository = git::open_submodule(project.root(), path)) {
      return std::shared_ptr<NestedRepository>(
          new NestedRepository(project, std::move(*repository), std::move(path)));
    }
  } catch (const Error&) { // what is no repository for git is a directory like any other
  }
  return nullptr;
}

NestedRepository::NestedRepository(const Project& project, git::Repository repository,
                                   std::string path)
    : repository_(std::move(repository)), path_(std::move(path)) {
  BinaryWriter identity;
  std::vector<git::IgnorePatterns> patterns;
  for (const std::string& text : exclude_texts(repository_, project.context())) {
    patterns.emplace_back(text);
    identity.string(text);
  }
  ignores_ = git::IgnoreRules::root(std::move(patterns), path_);
  if (const auto stamp = git::Index::stamp(repository_.index_file())) {
    identity.string(stamp->checksum);
    for (const std::uint64_t number :
         {stamp->size, static_cast<std::uint64_t>(stamp->mtime_ns), stamp->inode}) {
      identity.varint(number);
    }
  }
  identity_ = hash::checksum64(identity.view());
}

bool NestedRepository::tracks(std::string_view path) {
  std::call_once(read_, [this] {
    try {
      index_ = git::Index::read(repository_.index_file(), repository_.work_tree());
    } catch (const Error&) { // the capture of git's state says so
    }
  });
  return index_ && index_->tracks(path.substr(path_.size() + 1));
}

} // namespace savepoint::project
