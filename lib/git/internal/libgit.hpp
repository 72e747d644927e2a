#pragma once

#include <git2.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace savepoint::git {

template <auto free> struct Deleter {
  template <typename T> void operator()(T* handle) const { free(handle); }
};
template <typename T, auto free> using Handle = std::unique_ptr<T, Deleter<free>>;

using RepositoryHandle = Handle<git_repository, git_repository_free>;
using ReferenceHandle = Handle<git_reference, git_reference_free>;
using ObjectHandle = Handle<git_object, git_object_free>;
using CommitHandle = Handle<git_commit, git_commit_free>;
using TreeHandle = Handle<git_tree, git_tree_free>;
using ConfigHandle = Handle<git_config, git_config_free>;
using ConfigEntryHandle = Handle<git_config_entry, git_config_entry_free>;
using ReflogHandle = Handle<git_reflog, git_reflog_free>;
using DatabaseHandle = Handle<git_odb, git_odb_free>;
using StoredObjectHandle = Handle<git_odb_object, git_odb_object_free>;
using WalkHandle = Handle<git_revwalk, git_revwalk_free>;

/// Prepares libgit2 once for the process. Safe to call often, from any thread.
void start_libgit();

/// What libgit2 said about its last failure on this thread.
[[nodiscard]] std::string libgit_complaint();

/// Throws IoError "cannot <action>: <libgit2's complaint>" if `code` is an error.
void check_libgit(int code, const std::string& action);

/// Where libgit2 looks for configuration of the user: ~ and $XDG_CONFIG_HOME/git.
[[nodiscard]] std::optional<std::filesystem::path> home_directory();
[[nodiscard]] std::optional<std::filesystem::path> user_config_directory();

} // namespace savepoint::git
