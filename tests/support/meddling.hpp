#pragma once

#include "support/restoring.hpp"

#include <functional>
#include <string_view>
#include <utility>

// Everything is inline.
namespace savepoint::test {

/// Restores while somebody else does something to the project at the beginning of every stage.
class Meddling {
public:
  using Meddle = std::function<void(std::string_view stage)>;

  Meddling(ScratchProject& project, Meddle meddle)
      : project_(&project), progress_(std::move(meddle)), context_(project.context()) {
    context_.progress = &progress_;
  }
  Meddling(const Meddling&) = delete;
  Meddling& operator=(const Meddling&) = delete;

  restore::Restored put_back(const manifest::Manifest& target,
                             const restore::Request& request = {}) const {
    const project::Project opened = open();
    return restore::execute(opened, project_->store(),
                            restore::make_plan(opened, project_->store(), target, request));
  }

  [[nodiscard]] project::Project open() const {
    return project::Project::open(project_->root(), context_);
  }

private:
  class Calls final : public Progress {
  public:
    explicit Calls(Meddle meddle) : meddle_(std::move(meddle)) {}
    void stage(std::string_view name, std::uint64_t) override { meddle_(name); }
    void advance(std::uint64_t, std::uint64_t) override {}

  private:
    Meddle meddle_;
  };

  ScratchProject* project_;
  Calls progress_;
  project::Context context_;
};

} // namespace savepoint::test
