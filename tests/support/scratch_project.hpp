#pragma once

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "project/project.hpp"
#include "snapshot/snapshot.hpp"
#include "store/store.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <string>
#include <string_view>

// Shared by tests of the rooms above the project: everything is inline.
namespace savepoint::test {

/// A project with a store beside it, and all that an operation on it wants.
class ScratchProject {
public:
  enum class Git { yes, no };

  explicit ScratchProject(Git git = Git::no) {
    std::filesystem::create_directories(root());
    std::filesystem::create_directories(place_ / "home");
    if (git == Git::yes) {
      sh("git init -q . && git config user.name a && git config user.email a@example.org");
    } else {
      write("savepoint.json", "{}\n");
    }
    context_.environment = {{"HOME", (place_ / "home").string()}};
    context_.clock = &clock_;
    context_.cancellation = &cancellation;
    context_.progress = &progress_;
    context_.store = place_ / "store";
    store_.emplace(store::Store::open_or_create(*context_.store));
  }

  [[nodiscard]] std::filesystem::path root() const { return place_ / "project"; }
  [[nodiscard]] std::filesystem::path beside(std::string_view name) const { return place_ / name; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view path) const {
    return root() / path;
  }
  [[nodiscard]] const project::Context& context() const { return context_; }
  [[nodiscard]] store::Store& store() { return *store_; }
  /// Opened anew each time: its config may have changed.
  [[nodiscard]] project::Project project() const {
    return project::Project::open(root(), context_);
  }

  void write(std::string_view path, std::string_view content) const {
    write_file(root() / path, content);
  }
  [[nodiscard]] std::string read(std::string_view path) const { return read_file(root() / path); }
  [[nodiscard]] bool has(std::string_view path) const {
    return std::filesystem::exists(std::filesystem::symlink_status(root() / path));
  }
  std::string sh(const std::string& command) const { return shell(root(), command); }

  manifest::Manifest take(std::string_view only = "") {
    snapshot::Request request;
    if (!only.empty()) {
      request.only = project::Selection::parse(only);
    }
    return snapshot::take(project(), *store_, request).manifest;
  }

  /// Lets go of the store: for those who need it alone, and before a fork.
  void close_store() { store_.reset(); }
  void open_store() { store_.emplace(store::Store::open_or_create(*context_.store)); }

  Cancellation cancellation;

private:
  TemporaryDirectory place_;
  SystemClock clock_;
  NoProgress progress_;
  project::Context context_;
  std::optional<store::Store> store_;
};

} // namespace savepoint::test
